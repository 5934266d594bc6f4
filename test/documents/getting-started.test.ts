import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { buildCommand } from '../support/command.ts';
import { alike, turnsOf, typeAgain, withTurns } from './recording.ts';

const path = fileURLToPath(new URL('../../docs/getting-started.md', import.meta.url));

test('whoever types what the guide says sees what it shows', { timeout: 120_000 }, async () => {
  const command = await buildCommand();
  const folder = mkdtempSync(join(tmpdir(), 'troupe-started-'));
  const bin = join(folder, 'bin');
  const cwd = join(folder, 'project');
  mkdirSync(bin);
  mkdirSync(join(cwd, '.git'), { recursive: true });
  writeFileSync(join(bin, 'troupe'), `#!/bin/sh\nexec '${process.execPath}' '${command}' "$@"\n`);
  chmodSync(join(bin, 'troupe'), 0o755);
  onTestFinished(async () => {
    const { pid } = JSON.parse(readFileSync(join(cwd, '.troupe/owner.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGTERM');
    await expect.poll(() => isAlive(pid)).toBe(false);
    rmSync(folder, { recursive: true, force: true });
  });
  const document = readFileSync(path, 'utf8');
  for (const [, name, text] of document.matchAll(/^```yaml\n# (\S+)\n([\s\S]*?)^```$/gm)) writeFileSync(join(cwd, name!), text!);
  const { TROUPE_DATA: _data, TROUPE_URL: _url, ...others } = process.env;
  const env = { ...others, PATH: `${bin}${delimiter}${process.env['PATH']}`, COLUMNS: '100', TROUPE_WORKER: 'cli-ada' };

  const now = await typeAgain(turnsOf(document), { cwd, env });
  if (process.env['UPDATE'] !== undefined && alike(now) !== alike(turnsOf(document))) writeFileSync(path, withTurns(document, now));
  expect(alike(now)).toBe(alike(turnsOf(readFileSync(path, 'utf8'))));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
