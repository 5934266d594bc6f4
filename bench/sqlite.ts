import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../src/clock.ts';
import { openLowdbStore } from '../src/persistence/lowdb/store.ts';
import type { TaskRecord, Unit } from '../src/persistence/store.ts';
import { artifactId, artifactRef, newTask, nextTask, taskId, unitOf } from '../test/support/records.ts';
import { median, table } from './report.ts';
import { interleaved, tellRatio } from './rounds.ts';
import { SqliteStore, findSqlite } from './sqlite-store.ts';

/** The store alone against SQLite with one transaction per tick: 1,000 tasks, 64 clients, 4 KB of work with every fourth command. */

const tasks = 1_000;
const clients = 64;
const commands = 24_000;
const rounds = 5;

/** Made before anything is measured, so that only storing is. */
function* unitsOf(): Generator<Unit, void, undefined> {
  const records = new Map<number, TaskRecord>();
  for (let made = 0; made < commands; made++) {
    const n = made % tasks;
    const before = records.get(n);
    const record = before === undefined ? newTask(taskId(n)) : nextTask(before);
    records.set(n, record);
    if (made % 4 !== 3) {
      yield unitOf([record]);
      continue;
    }
    const content = Buffer.from(`${made} `.repeat(1_000).slice(0, 4_096));
    yield unitOf([record], { artifacts: [{ ref: artifactRef(artifactId(made), taskId(n), content), content }] });
  }
}

interface Sample {
  readonly perSecond: number;
  readonly p99Ms: number;
}

async function drive(units: readonly Unit[], commit: (unit: Unit) => Promise<unknown>): Promise<Sample> {
  const took: number[] = [];
  let next = 0;
  const start = performance.now();
  const client = async () => {
    for (let unit = units[next++]; unit !== undefined; unit = units[next++]) {
      const sent = performance.now();
      await commit(unit);
      took.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - start) / 1000;
  took.sort((a, b) => a - b);
  return { perSecond: units.length / seconds, p99Ms: took[Math.floor(took.length * 0.99)] ?? Number.NaN };
}

export async function sqlite(): Promise<void> {
  const Sqlite = findSqlite();
  if (Sqlite === null) {
    console.log('skipped: there is no SQLite. On Node before 22.5 install it first: npm install --no-save better-sqlite3@12');
    return;
  }
  const units = [...unitsOf()];
  const works = {
    troupe: async (directory: string) => {
      const store = await openLowdbStore({ directory, clock: createClock() });
      const sample = await drive(units, (unit) => store.commit([unit]));
      await store.close();
      return sample;
    },
    sqlite: async (directory: string) => {
      const store = new SqliteStore(Sqlite, join(directory, 'db.sqlite'));
      const sample = await drive(units, (unit) => store.commit(unit));
      store.close();
      return sample;
    },
  };
  const samples = await interleaved(['troupe', 'sqlite'], rounds + 1, async (name) => {
    const directory = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
    try {
      return await works[name](directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
  // The first round makes the code warm.
  const of = (name: 'troupe' | 'sqlite', figure: keyof Sample) => samples[name].slice(1).map((sample) => sample[figure]);
  table(
    ['store', 'commands/s', 'p99 ms'],
    (['troupe', 'sqlite'] as const).map((name) => [name, median(of(name, 'perSecond')).toFixed(0), median(of(name, 'p99Ms')).toFixed(1)]),
  );
  tellRatio('ratio of commands/s', of('troupe', 'perSecond'), of('sqlite', 'perSecond'), '≥ 0.95');
  tellRatio('ratio of p99', of('troupe', 'p99Ms'), of('sqlite', 'p99Ms'), '< 1');
}
