import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JSONFile } from 'lowdb/node';
import { Low } from 'lowdb';
import { createClock } from '../src/clock.ts';
import { newContext } from '../src/machines/birth.ts';
import { openLowdbStore } from '../src/persistence/lowdb/store.ts';
import type { ActorRecord, Unit } from '../src/persistence/store.ts';
import type { TaskId } from '../src/ids.ts';
import { deriveId } from '../src/actors/derive.ts';
import { median, table } from './report.ts';

/** Durable updates of single tasks among 1,000, 64 at a time: our store against lowdb as it comes, which rewrites its file per write. */

const tasks = 1_000;
const clients = 64;
const rounds = 5;

function recordOf(id: TaskId, rev: number): ActorRecord {
  const context = newContext({
    externalId: null,
    project: 'default',
    sessionId: null,
    rootId: id,
    parentId: null,
    depth: 0,
    position: 0,
    title: `Task ${id}`,
    description: 'Measure it',
    type: 'standard',
    specialist: 'generic',
    complexity: 'moderate',
    priority: 5,
    tags: [],
    acceptance: [],
    review: null,
    reviewId: null,
    reviewOf: null,
    rollUp: 'execute',
    context: {},
    estimatedEffort: null,
    dueAt: null,
    maxAttempts: 3,
    createdAt: 0,
    createdBy: 'bench',
  });
  return {
    format: 1,
    kind: 'task',
    id,
    project: 'default',
    rootId: id,
    rev,
    machine: { id: 'task', version: 1 },
    snapshot: { value: 'pending', context: { ...context, revision: rev } },
    dueAt: null,
    commands: [],
  };
}

function unitOf(id: TaskId, rev: number): Unit {
  const record = recordOf(id, rev);
  return {
    id: `${id}:${rev}`,
    checks: [],
    writes: [
      {
        expectedRev: rev - 1,
        record,
        event: {
          v: 1,
          type: rev === 1 ? 'task.created' : 'task.noted',
          time: new Date(0).toISOString(),
          taskId: id,
          rootId: id,
          project: 'default',
          sessionId: null,
          rev,
          by: 'bench',
          cause: { commandId: `${rev}` },
          data: { status: 'pending', ready: true },
        },
      },
    ],
    artifacts: [],
  };
}

const ids = Array.from({ length: tasks }, (_, index) => deriveId('t', 'bench', `${index}`));

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
  const revs = new Map(ids.map((id) => [id, 0]));
  const update = async (id: TaskId) => {
    const rev = (revs.get(id) ?? 0) + 1;
    revs.set(id, rev);
    await opened.commit([unitOf(id, rev)]);
  };
  await updates(tasks, update);
  const perSecond = await updates(20_000, update);
  await opened.close();
  return perSecond;
}

async function asItComes(directory: string): Promise<number> {
  const db = new Low<{ records: Record<string, ActorRecord> }>(new JSONFile(join(directory, 'db.json')), { records: {} });
  for (const id of ids) db.data.records[id] = recordOf(id, 1);
  await db.write();
  return updates(500, async (id) => {
    db.data.records[id] = recordOf(id, (db.data.records[id]?.rev ?? 0) + 1);
    await db.write();
  });
}

export async function store(): Promise<void> {
  const speeds: { ours: number[]; lowdb: number[] } = { ours: [], lowdb: [] };
  for (let round = 0; round < rounds; round++)
    for (const name of round % 2 === 0 ? (['ours', 'lowdb'] as const) : (['lowdb', 'ours'] as const)) {
      const directory = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
      speeds[name].push(await (name === 'ours' ? ours : asItComes)(directory));
      await rm(directory, { recursive: true, force: true });
    }
  table(
    ['store, 1,000 tasks', 'updates/s', 'survives a power cut'],
    [
      ['lowdb as it comes', median(speeds.lowdb).toFixed(0), 'no: nothing is synced'],
      ['lowdb over the journal', median(speeds.ours).toFixed(0), 'yes: synced before it is acknowledged'],
    ],
  );
  const ratios = speeds.ours.map((speed, index) => speed / (speeds.lowdb[index] ?? Number.NaN));
  console.log(
    `ratio, median of ${rounds} interleaved rounds: ${median(ratios).toFixed(0)} (${ratios.map((ratio) => ratio.toFixed(0)).join(', ')}); goal ≥ 50`,
  );
}
