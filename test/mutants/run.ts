import { rmSync } from 'node:fs';
import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mutate } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';
import { runTests } from './vitest.ts';

/**
 * `npm run test:mutants -- [ID | INVARIANT…]`: breaks a copy of the code with each mutant in turn, and expects a test to fail.
 * Ends with 1 when a mutant survives, when its text is not there any more, or when the tests fail without one.
 */

const needed = ['src', 'test', 'fixtures', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts'];
const baselineMs = 900_000;
const mutantMs = 180_000;

function asked(words: readonly string[]): readonly Mutant[] {
  const isMeant = (word: string) => (mutant: Mutant) => mutant.id === word || String(mutant.invariant) === word;
  const unknown = words.filter((word) => !mutants.some(isMeant(word)));
  if (unknown.length > 0) throw new Error(`no mutant ${unknown.join(', ')}`);
  return words.length === 0 ? mutants : mutants.filter((mutant) => words.some((word) => isMeant(word)(mutant)));
}

/** By what it was killed, and what happened instead when it was not: that nothing loads, or hangs, kills no mutant. */
async function attempt(root: string, mutant: Mutant): Promise<{ readonly killer: string | undefined; readonly instead: string }> {
  const file = join(root, 'src', mutant.file);
  const source = await readFile(file, 'utf8');
  await writeFile(file, mutate(source, mutant));
  try {
    const { failed, hung, broken } = await runTests(root, mutant.tests, { timeoutMs: mutantMs, bail: true });
    const [killer] = mutant.hangs === true ? [...failed, ...hung] : failed;
    return { killer, instead: [...hung, ...broken][0] ?? mutant.breaks };
  } finally {
    await writeFile(file, source);
  }
}

async function tryAll(root: string, chosen: readonly Mutant[]): Promise<boolean> {
  for (const mutant of chosen) mutate(await readFile(join(root, 'src', mutant.file), 'utf8'), mutant);
  const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
  const { passed, failed, hung, broken } = await runTests(root, files, { timeoutMs: baselineMs, bail: false });
  const wrong = [...failed, ...hung, ...broken];
  console.log(`without a mutant: ${passed} tests of ${files.length} files pass, ${wrong.length} don't`);
  for (const line of wrong) console.log(`  ${line}`);
  if (wrong.length > 0 || passed === 0) return false;

  let survivors = 0;
  const width = Math.max(...chosen.map(({ id }) => id.length));
  for (const mutant of chosen) {
    const { killer, instead } = await attempt(root, mutant);
    if (killer === undefined) survivors += 1;
    console.log(`${String(mutant.invariant).padStart(2)}  ${mutant.id.padEnd(width)}  ${killer ?? `SURVIVES: ${instead}`}`);
  }
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants are killed`);
  return survivors === 0;
}

const root = await mkdtemp(join(tmpdir(), 'troupe-mutants-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  const chosen = asked(process.argv.slice(2));
  for (const name of needed) await cp(resolve(name), join(root, name), { recursive: true });
  await symlink(resolve('node_modules'), join(root, 'node_modules'), 'dir');
  if (!(await tryAll(root, chosen))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
