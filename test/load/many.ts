import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildCommand } from '../support/command.ts';
import { compile } from '../support/compile.ts';
import { openInside } from './inside.ts';
import type { Stalls } from './inside.ts';
import { serve } from './serve.ts';
import type { Served } from './serve.ts';
import { median, table, Times } from './times.ts';
import { Wire } from './wire.ts';

/** What many tasks cost beside few, in the same run. */

export interface Programs {
  readonly command: string;
  readonly make: string;
  readonly inside: string;
  readonly parse: string;
}

/** Call it before the first test: what is compiled is removed behind the last one. */
export async function buildPrograms(): Promise<Programs> {
  const [command, make, inside, parse] = await Promise.all([
    buildCommand(),
    compile('test/load/make-child.ts'),
    compile('test/load/inside-child.ts'),
    compile('test/load/parse-child.ts'),
  ]);
  return { command, make, inside, parse };
}

type TaskId = `t_${string}`;

/** A request, and what it must not depend on much: how many tasks there are. */
type Asking = (wire: Wire, n: number, taskIds: readonly TaskId[]) => Promise<unknown>;

const kinds: Readonly<Record<string, Asking>> = {
  'task.create': (wire, n) => wire.ask('task.create', { title: `Asked ${n}` }),
  'task.edit': (wire, n, ids) => wire.ask('task.edit', { taskId: ids[n % ids.length] ?? 't_', set: { title: `Edited ${n}` } }),
  'task.get': (wire, n, ids) => wire.ask('task.get', { taskId: ids[n % ids.length] ?? 't_' }),
  'task.next': (wire) => wire.ask('task.next', {}),
  'task.ready': (wire) => wire.ask('task.ready', { limit: 50 }),
  'task.ready of a project': (wire, n) => wire.ask('task.ready', { filter: { project: `project-${n % 4}` }, limit: 50 }),
  'list by time': (wire) => wire.ask('task.list', { sort: '-updated', limit: 50 }),
  'list by status': (wire) => wire.ask('task.list', { filter: { status: ['completed'] }, sort: '-updated', limit: 50 }),
  'list by specialist and tag': (wire, n) =>
    wire.ask('task.list', { filter: { specialist: ['coder'], tags: [`area-${n % 20}`] }, limit: 20 }),
  'search that finds': (wire) => wire.ask('task.list', { filter: { text: 'ledger' }, limit: 50 }),
  'search in vain': (wire, n) => wire.ask('task.list', { filter: { text: `nowhere-${n}` }, limit: 50 }),
};

async function latencies(served: Served, rounds: number): Promise<Record<string, Times>> {
  const wire = await Wire.connect(served, { worker: 'asks' });
  const { items } = await wire.ask('task.ready', { limit: 200 });
  const ids = items.map(({ id }) => id);
  const times: Record<string, Times> = {};
  for (const [kind, ask] of Object.entries(kinds)) {
    for (let n = 0; n < 20; n++) await ask(wire, n, ids);
    const one = (times[kind] = new Times());
    for (let n = 0; n < rounds; n++) await one.of(() => ask(wire, n, ids));
  }
  await wire.close();
  return times;
}

async function endOf(served: Served): Promise<void> {
  served.child.kill('SIGTERM');
  await served.exit;
}

/** Ratios of the median time, many to few, by kind of request; printed as a table with those of the 99th percentile. */
export async function latencyRatios(command: string, few: string, many: string, rounds: number): Promise<Record<string, number>> {
  const small = await serve(command, few);
  const large = await serve(command, many);
  const [ofFew, ofMany] = [await latencies(small, rounds), await latencies(large, rounds)];
  const ratios: Record<string, number> = {};
  const rows = Object.keys(kinds).map((kind) => {
    const [a, b] = [ofFew[kind] ?? new Times(), ofMany[kind] ?? new Times()];
    const ratio = (ratios[kind] = b.percentile(0.5) / a.percentile(0.5));
    return [
      kind,
      a.percentile(0.5),
      a.percentile(0.99),
      b.percentile(0.5),
      b.percentile(0.99),
      ratio,
      b.percentile(0.99) / a.percentile(0.99),
    ];
  });
  console.log(table(['', 'few: p50 ms', 'p99', 'many: p50 ms', 'p99', 'ratio p50', 'ratio p99'], rows));
  await endOf(small);
  await endOf(large);
  return ratios;
}

/** From the start of the process to its addresses, less the same on a directory without tasks, to `JSON.parse` alone. */
export async function startRatio({ command, parse }: Programs, empty: string, many: string, rounds: number): Promise<number> {
  const startMs = async (directory: string) => {
    const start = performance.now();
    const served = await serve(command, directory);
    const ms = performance.now() - start;
    await endOf(served);
    return ms;
  };
  const ratios: number[] = [];
  await startMs(empty);
  for (let round = 0; round < rounds; round++) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--max-semi-space-size=32', parse, join(many, 'db.json')]);
    const [bare, full] = [await startMs(empty), await startMs(many)];
    ratios.push((full - bare) / Number(stdout));
    console.log(`start ${full.toFixed(0)} ms, of nothing ${bare.toFixed(0)} ms, JSON.parse ${Number(stdout).toFixed(0)} ms`);
  }
  return median(ratios);
}

export interface Insides {
  /** Bytes of heap and buffers of a task at rest to the bytes of its line. */
  readonly heapRatio: number;
  readonly stalls: { readonly first: Stalls; readonly quiet: Stalls; readonly later: Stalls };
}

export async function insides({ inside }: Programs, directory: string, tasks: number): Promise<Insides> {
  const opened = openInside(inside, directory);
  const { before } = await opened.ask('opened');
  const { heap, buffers } = await opened.ask('memory');
  const { size } = await stat(join(directory, 'db.json'));
  const [each, json] = [(heap + buffers - before.heap - before.buffers) / tasks, size / tasks];
  const stalls = await opened.ask('stalls');
  console.log(`${each.toFixed(0)} bytes of memory for each task at rest, ${json.toFixed(0)} of JSON: ${(each / json).toFixed(2)}`);
  const rows = Object.entries(stalls).map(([name, { ms, p50, p99, max }]) => [name, ms, p50, p99, max]);
  console.log(table(['delay of the event loop', 'ms in all', 'p50', 'p99', 'max'], rows));
  await opened.ask('close');
  return { heapRatio: each / json, stalls };
}
