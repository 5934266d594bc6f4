import { execFile, execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** A PostgreSQL of the tests' own, which they may kill. */
export interface PostgresServer {
  readonly url: string;
  readonly start: () => Promise<void>;
  /** `immediate` is a crash: nothing is written, no client is told. */
  readonly stop: (mode: 'fast' | 'immediate') => Promise<void>;
  /** Stops it and removes its data. */
  readonly dispose: () => Promise<void>;
}

const run = promisify(execFile);

/** Where the server's programs are: on the path, or where Debian keeps them. Null when there are none. */
export function findPostgres(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian))
    for (const version of readdirSync(debian).toSorted((a, b) => Number(b) - Number(a))) folders.push(join(debian, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl'))) ?? null;
}

/** The server refuses to run as root. */
function owner(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const of = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: of('-u'), gid: of('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Makes a server in a temporary directory and starts it. */
export async function startPostgres(bin: string, settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-postgres-'));
  const data = join(folder, 'data');
  const port = await freePort();
  const as = owner();
  mkdirSync(data);
  if (as !== null) {
    chownSync(folder, as.uid, as.gid);
    chownSync(data, as.uid, as.gid);
  }
  const options = { ...as, cwd: folder };
  await run(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'troupe', '-E', 'UTF8', '--no-sync'], options);
  const given = { max_connections: '200', unix_socket_directories: folder, ...settings, port: String(port), listen_addresses: '127.0.0.1' };
  const flags = Object.entries(given)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
  const control = (...args: readonly string[]) => run(join(bin, 'pg_ctl'), ['-D', data, '-w', ...args], { ...options, timeout: 60_000 });
  const start = async () => void (await control('start', '-l', join(folder, 'log'), '-o', flags));
  const stop = async (mode: string) => void (await control('stop', '-m', mode));
  await start();
  return {
    url: `postgres://troupe@127.0.0.1:${port}/postgres`,
    start,
    stop,
    async dispose() {
      await stop('immediate').catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
