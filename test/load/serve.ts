import { readFile } from 'node:fs/promises';
import { start } from '../support/command.ts';
import type { Running } from '../support/command.ts';

/** The built service on a data directory, as `npm start` runs it. */
export interface Served extends Running {
  readonly url: string;
  readonly token: string;
  /** What `/healthz` says. */
  health(): Promise<Health>;
}

interface Health {
  readonly connections: number;
  readonly commandsInFlight: number;
}

export async function serve(command: string, data: string, env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const running = start(command, ['serve', '--json', '--port', '0', '--data', data], {
    env: { TROUPE_LOG: 'error', NODE_OPTIONS: '--max-semi-space-size=32', ...env },
  });
  const { url, http, tokenFile } = JSON.parse(await running.firstLine) as { url: string; http: string; tokenFile: string };
  return {
    ...running,
    url,
    token: (await readFile(tokenFile, 'utf8')).trim(),
    health: async () => (await (await fetch(`${http}/healthz`)).json()) as Health,
  };
}
