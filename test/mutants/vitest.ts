import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as z from 'zod';

/** What became of a run of test files, each failure in a line. */
export interface Outcome {
  readonly passed: number;
  readonly failed: readonly string[];
  /** Tests that waited until their time was over. */
  readonly hung: readonly string[];
  /** Files that did not even load: says nothing about what they test. */
  readonly broken: readonly string[];
}

const report = z.object({
  numPassedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullable().optional() }),
      ),
    }),
  ),
});
type Report = z.infer<typeof report>;

const isTimeout = (messages: readonly string[]): boolean => messages.some((text) => /timed out in \d+ ?ms/.test(text));

function outcomeOf(root: string, { numPassedTests, testResults }: Report): Outcome {
  const outcome = { passed: numPassedTests, failed: [] as string[], hung: [] as string[], broken: [] as string[] };
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(root, name);
    const failures = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName, failureMessages } of failures) {
      const line = `${file}: ${fullName.trim().slice(0, 160)}`;
      if (isTimeout(failureMessages ?? [])) outcome.hung.push(`${line} (hangs)`);
      else outcome.failed.push(line);
    }
    if (status === 'failed' && failures.length === 0) outcome.broken.push(`${file}: ${message.split('\n')[0] ?? ''}`);
  }
  return outcome;
}

/** Runs test files in a process of its own, which is ended with all its children when its time is over. */
export async function runTests(
  root: string,
  files: readonly string[],
  { timeoutMs, bail }: { readonly timeoutMs: number; readonly bail: boolean },
): Promise<Outcome> {
  const output = join(root, 'report.json');
  await rm(output, { force: true });
  const options = [
    'run',
    '--project',
    'all',
    '--project',
    'postgres',
    '--reporter=json',
    `--outputFile=${output}`,
    ...(bail ? ['--bail=1'] : []),
  ];
  // The same seeds for everyone, so that what was seen is seen again.
  const env = { SEED: '1', TROUPE_MODEL_SEED: '1', TROUPE_MODEL_RUNS: '40', ...process.env };
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...options, ...files], {
    cwd: root,
    env,
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise<void>((resolve, reject) => child.on('exit', () => resolve()).on('error', reject));
  let isOver = false;
  const end = () => {
    isOver = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const deadline = setTimeout(end, timeoutMs);
  process.on('exit', end);
  await ended.finally(() => {
    clearTimeout(deadline);
    process.off('exit', end);
  });
  if (isOver) return { passed: 0, failed: [], hung: [`nothing more happens within ${timeoutMs} ms`], broken: [] };
  return outcomeOf(root, report.parse(JSON.parse(await readFile(output, 'utf8'))));
}
