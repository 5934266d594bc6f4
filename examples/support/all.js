import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs every example, one after the other, and ends with 1 when one of them did not show what it should. */

const folder = fileURLToPath(new URL('..', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
for (const name of names) {
  const begun = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [name], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  if (status === 0) console.log(`ok   ${seconds} s  ${stdout.trimEnd().split('\n').at(-1)}`);
  else console.log(`${status ?? signal}  ${seconds} s  ${name}\n${stdout}${stderr}`);
  if (status !== 0) process.exitCode = 1;
}
