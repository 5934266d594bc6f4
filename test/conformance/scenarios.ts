import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Row } from './row.ts';
import { runConformance } from './tools.ts';

/** The server scenarios of the conformance tool. */

/** The revisions that it knows; the newest one is the inspector's. */
export const revisions = ['2025-06-18', '2025-11-25'] as const;

export interface Target {
  readonly name: string;
  readonly url: string;
  /** Those that the server is asked; all when it is left out. */
  readonly scenarios?: readonly string[];
  /** In `test/conformance`; a name under `server:` in it, after a comment that says why. */
  readonly expectedFailures: string;
}

const checks = z.array(z.looseObject({ status: z.string(), errorMessage: z.string().optional() }));
const expectations = z.object({ server: z.array(z.string()) });

/** What the tool itself calls a failure when it compares with a list: a warning is one too. */
const isFailure = ({ status }: z.output<typeof checks>[number]): boolean => status === 'FAILURE' || status === 'WARNING';

/** The names that the tool lists for a revision. */
async function scenariosOf(revision: string): Promise<string[]> {
  const { out } = await runConformance(['list', '--server', '--spec-version', revision]);
  const names = [...out.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name ?? '');
  if (names.length === 0) throw new Error(`the tool lists no scenario for ${revision}:\n${out}`);
  return names;
}

export async function runScenarios({ name, url, scenarios, expectedFailures }: Target, revision: string): Promise<Row[]> {
  const file = resolve('test/conformance', expectedFailures);
  const expected = new Set(expectations.parse(parse(await readFile(file, 'utf8'))).server);
  const known = await scenariosOf(revision);
  const asked = scenarios === undefined ? known : known.filter((scenario) => scenarios.includes(scenario));
  const common = ['server', '--url', url, '--expected-failures', file];
  const runs =
    scenarios === undefined ? [['--suite', 'all', '--spec-version', revision]] : asked.map((scenario) => ['--scenario', scenario]);
  const output = await mkdtemp(join(tmpdir(), 'troupe-conformance-'));
  try {
    const rows: Row[] = [];
    let agrees = true;
    for (const run of runs) agrees = (await runConformance([...common, ...run, '-o', output])).code === 0 && agrees;
    for (const scenario of asked)
      rows.push(rowOf(`${name} ${revision} ${scenario}`, await checksOf(output, scenario), expected.has(scenario)));
    const isFine = rows.every(({ outcome }) => outcome === 'passed' || outcome === 'failed as expected');
    if (agrees !== isFine) rows.push({ what: `${name} ${revision}`, outcome: 'failed', why: 'the tool itself judges otherwise' });
    return rows;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

/** A list that names what there is no more would say nothing. */
export async function strayExpectations(targets: readonly Target[]): Promise<Row[]> {
  const known = new Set((await Promise.all(revisions.map(scenariosOf))).flat());
  const rows = targets.map(async ({ expectedFailures, scenarios = [...known] }) => {
    const { server } = expectations.parse(parse(await readFile(resolve('test/conformance', expectedFailures), 'utf8')));
    const stray = [...server, ...scenarios].filter((scenario) => !known.has(scenario) || !scenarios.includes(scenario));
    return stray.map((scenario): Row => ({ what: `${expectedFailures} ${scenario}`, outcome: 'failed', why: 'there is no such scenario' }));
  });
  return (await Promise.all(rows)).flat();
}

/** What the tool wrote into `server-SCENARIO-TIME`; null when it wrote nothing. */
async function checksOf(output: string, scenario: string): Promise<z.output<typeof checks> | null> {
  const folder = (await readdir(output)).find((entry) => entry.replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '') === `server-${scenario}`);
  if (folder === undefined) return null;
  return checks.parse(JSON.parse(await readFile(join(output, folder, 'checks.json'), 'utf8')));
}

function rowOf(what: string, found: z.output<typeof checks> | null, isExpected: boolean): Row {
  if (found === null || found.length === 0) return { what, outcome: 'failed', why: 'the tool checked nothing' };
  const failures = found.filter(isFailure);
  if (failures.length === 0) return { what, outcome: isExpected ? 'passed unexpectedly' : 'passed' };
  const why = failures.map(({ errorMessage, status }) => errorMessage ?? status).join('; ');
  return { what, outcome: isExpected ? 'failed as expected' : 'failed', why: why.split('\n', 1)[0]?.slice(0, 140) ?? '' };
}
