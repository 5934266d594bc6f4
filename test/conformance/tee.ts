import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/** `tee FILE PROGRAM…`: runs a Node program in its place, and keeps what it writes to standard output. */

const [file = '', ...args] = process.argv.slice(2);
const child = spawn(process.execPath, args, { stdio: ['inherit', 'pipe', 'inherit'] });
child.stdout.on('data', (chunk: Buffer) => {
  appendFileSync(file, chunk);
  process.stdout.write(chunk);
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
child.on('close', (code) => (process.exitCode = code ?? 1));
