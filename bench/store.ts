import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JSONFile } from 'lowdb/node';
import { Low } from 'lowdb';
import { createClock } from '../src/clock.ts';
import { openLowdbStore } from '../src/persistence/lowdb/store.ts';
import type { TaskRecord } from '../src/persistence/store.ts';
import type { TaskId } from '../src/ids.ts';
import { newTask, nextTask, taskId, unitOf } from '../test/support/records.ts';
import { median, table } from './report.ts';
import { interleaved, tellRatio } from './rounds.ts';

/** Durable updates of single tasks among 1,000, 64 at a time: our store against lowdb as it comes, which rewrites its file per write. */

const tasks = 1_000;
const clients = 64;
const rounds = 5;

const ids = Array.from({ length: tasks }, (_, index) => taskId(index));

/** The tasks as they are, and one revision more with each update. */
function createTasks(): (id: TaskId) => TaskRecord {
  const records = new Map<TaskId, TaskRecord>();
  return (id) => {
    const before = records.get(id);
    const record = before === undefined ? newTask(id) : nextTask(before);
    records.set(id, record);
    return record;
  };
}

/** Updates in turn over all tasks, `clients` at a time; answers updates per second. */
async function updates(count: number, update: (id: TaskId) => Promise<void>): Promise<number> {
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let index = next++; index < count; index = next++) {
        const id = ids[index % tasks];
        if (id !== undefined) await update(id);
      }
    }),
  );
  return count / ((performance.now() - start) / 1000);
}

async function ours(directory: string): Promise<number> {
  const opened = await openLowdbStore({ directory, clock: createClock() });
  const next = createTasks();
  const update = async (id: TaskId) => {
    await opened.commit([unitOf([next(id)])]);
  };
  await updates(tasks, update);
  const perSecond = await updates(20_000, update);
  await opened.close();
  return perSecond;
}

async function asItComes(directory: string): Promise<number> {
  const db = new Low<{ records: Record<string, TaskRecord> }>(new JSONFile(join(directory, 'db.json')), { records: {} });
  const next = createTasks();
  for (const id of ids) db.data.records[id] = next(id);
  await db.write();
  return updates(500, async (id) => {
    db.data.records[id] = next(id);
    await db.write();
  });
}

export async function store(): Promise<void> {
  const works = { ours, lowdb: asItComes };
  const speeds = await interleaved(['ours', 'lowdb'], rounds, async (name) => {
    const directory = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
    try {
      return await works[name](directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
  table(
    ['store, 1,000 tasks', 'updates/s', 'survives a power cut'],
    [
      ['lowdb as it comes', median(speeds.lowdb).toFixed(0), 'no: nothing is synced'],
      ['lowdb over the journal', median(speeds.ours).toFixed(0), 'yes: synced before it is acknowledged'],
    ],
  );
  tellRatio('ratio', speeds.ours, speeds.lowdb, '≥ 50', 0);
}
