import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openTemplates } from '../../src/config/templates.ts';
import { startChild } from '../support/child.ts';
import { compile } from '../support/compile.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { cuts, powerCut } from '../support/simulated-disk.ts';

vi.mock(import('node:fs/promises'), async (original) => {
  const { simulatedDisk } = await import('../support/simulated-disk.ts');
  return simulatedDisk(await original());
});

/** A template's file is the old one or the new one, and the new one once that was said. */

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const kills = Number(process.env['KILLS'] ?? 8);

test(`a process that is killed leaves a whole text, not older than the one acknowledged (SEED=${seed})`, { timeout: 60_000 }, async () => {
  const program = await compile('test/crash/template-child.ts');
  const random = randomFrom(seed);
  const data = await temporaryDirectory();
  for (let kill = 0; kill < kills; kill += 1) {
    const child = startChild(program, data, '60000');
    await child.line((line) => line === `ack ${1 + Math.floor(random() * 20)}`);
    child.process.kill('SIGKILL');
    await child.ended;
    const acknowledged = child.lines.length;
    const text = await readFile(join(data, 'templates/user/one.json5'), 'utf8');
    const [, n = '', digits = '', last] = /^\/\/ (\d+)\n(\d+)\n\/\/ (\d+)\n$/.exec(text) ?? [];
    expect([last, digits.length, new Set(digits)]).toEqual([n, 60_000, new Set([String(Number(n) % 10)])]);
    expect([acknowledged, acknowledged + 1]).toContain(Number(n));
    // What was left half done is in nobody's way.
    expect((await openTemplates(data).names('user')).names).toEqual(['one']);
  }
  expect((await readdir(join(data, 'templates/user'))).length).toBeLessThanOrEqual(2);
});

test.each(cuts)('a power cut that leaves %s beside what was synced takes nothing that was acknowledged', async (cut) => {
  const data = await temporaryDirectory();
  const library = openTemplates(data);
  const texts = ['old', 'new'].map((word) => `// ${word.repeat(100)}`);
  for (const text of texts) {
    await library.write('user', 'one', text, true);
    const copy = powerCut(data, cut);
    onTestFinished(() => rm(copy, { recursive: true, force: true }));
    expect(await readFile(join(copy, 'templates/user/one.json5'), 'utf8')).toBe(text);
  }
  await library.remove('user', 'one');
  const copy = powerCut(data, cut);
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  expect(await readdir(join(copy, 'templates/user')).catch(() => [])).toEqual([]);
});
