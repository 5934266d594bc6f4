import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';

/** The built service, as it is installed. */

export const command = resolve('dist/cli/main.js');

export interface Service {
  readonly data: string;
  readonly origin: string;
  readonly token: string;
  close(): Promise<void>;
}

const addresses = z.object({ http: z.string(), tokenFile: z.string() });

export async function startService(allowHost: string): Promise<Service> {
  const data = await mkdtemp(join(tmpdir(), 'troupe-conformance-'));
  const args = [command, 'serve', '--json', '--port', '0', '--data', data, '--allow-host', allowHost];
  const child = spawn(process.execPath, args, { env: { ...process.env, TROUPE_LOG: 'error' }, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), exit.then(() => [''])]);
  const { http, tokenFile } = addresses.parse(JSON.parse(String(first[0])));
  return {
    data,
    origin: http,
    token: (await readFile(tokenFile, 'utf8')).trim(),
    async close() {
      child.kill('SIGTERM');
      await exit;
      await rm(data, { recursive: true, force: true });
    },
  };
}
