import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The service, watched: once it is open, every call that names a path outside of the data directory, starts a process or connects to
 * an address is told as a line `reached …`. Argument: the data directory.
 */
const data = resolve(process.argv[2] ?? '');
let watching = false;

function watch(module: object, name: string, isFine: (first: unknown) => boolean): void {
  const original: unknown = Reflect.get(module, name);
  if (typeof original !== 'function' || /^[A-Z_]/.test(name)) return;
  Reflect.set(module, name, function watched(this: unknown, ...args: unknown[]): unknown {
    if (watching && !isFine(args[0])) process.stdout.write(`reached ${name} ${String(args[0])}\n`);
    return Reflect.apply(original, this, args) as unknown;
  });
}

/** Descriptors were opened by a path before. */
function isWithin(path: unknown): boolean {
  if (typeof path !== 'string' && !(path instanceof URL) && !Buffer.isBuffer(path)) return true;
  const place = resolve(path instanceof URL ? fileURLToPath(path) : path.toString());
  return place === data || place.startsWith(`${data}${sep}`);
}

const program = fileURLToPath(new URL('../../src/', import.meta.url));
/** Newer versions of Node look where a module really is each time that somebody asks for it. */
const isOwnModule = (path: unknown): boolean => typeof path === 'string' && path.startsWith(program) && path.endsWith('.js');

for (const name of Object.keys(fs)) watch(fs, name, name === 'realpathSync' ? (path) => isWithin(path) || isOwnModule(path) : isWithin);
for (const name of Object.keys(fs.promises)) watch(fs.promises, name, isWithin);
for (const name of Object.keys(childProcess)) watch(childProcess, name, () => false);
for (const name of ['connect', 'createConnection']) watch(net, name, () => false);
syncBuiltinESMExports();

const { createTroupe } = await import('../../src/server.ts');
const { createLog } = await import('../../src/logger.ts');
const { url, http, tokenFile } = await createTroupe({ data, port: 0, logger: createLog('error').logger });
// Some use cases are loaded when they are first asked for: that reads the program, and nothing that a client names.
const useCases = new URL('../../src/use-cases/', import.meta.url);
for (const name of fs.readdirSync(useCases)) if (name.endsWith('.js')) await import(new URL(name, useCases).href);
watching = true;
process.stdout.write(`${JSON.stringify({ url, http, tokenFile })}\n`);
