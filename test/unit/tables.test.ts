import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReady } from '../../src/machines/readings.ts';
import { createTables } from '../../src/persistence/resident/tables.ts';
import type { Tables } from '../../src/persistence/resident/tables.ts';
import type { TaskRecord, ListQuery } from '../../src/persistence/store.ts';
import { sorts } from '../../src/protocol/task.ts';
import { statuses } from '../../src/protocol/values.ts';
import { naiveList } from './naive-list.ts';
import { artifactId, artifactRef, leaseId, newTask, nextTask, noon, taskId, writeOf } from '../support/records.ts';

/** The tables against an array of records: whatever was written, both answer alike. */

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.info(`tables: SEED=${seed}`);

const small = (max: number) => fc.integer({ min: 0, max });
const moment = small(12).map((ms) => noon + ms);
const projects = ['default', 'other', 'constructor'];

const given = fc.record({
  priority: fc.integer({ min: 1, max: 10 }),
  title: fc.constantFrom('Ship the importer', 'Straße', 'ΟΔΟΣ', 'import'),
  tags: fc.subarray(['code', 'ui', 'Urgent']),
  externalId: fc.constantFrom(null, 'X', '__proto__'),
  type: fc.constantFrom('standard', 'review'),
  dueAt: fc.option(moment),
});
const state = fc.record({
  status: fc.constantFrom(...statuses, 'pending', 'pending'),
  updatedAt: moment,
  lease: fc.option(
    fc.record({
      id: small(400).map(leaseId),
      holder: fc.constant('w'),
      expiresAt: moment,
      lengthMs: fc.constant(1),
      expired: fc.boolean(),
    }),
  ),
  open: fc.constantFrom(0, 0, 1),
  artifacts: fc.uniqueArray(small(3)),
});
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('create'), root: small(6), project: fc.constantFrom(...projects), at: moment, given, state }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('change'), pick: fc.nat(), given: fc.option(given), state }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move away'), root: small(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('ask for timers'), now: moment, limit: small(5) }) },
);
/** Two parts at the most: with more of them nearly every answer is empty. */
const part: fc.Arbitrary<ListQuery['filter']> = fc.oneof(
  fc.constant({}),
  fc.record({ status: fc.subarray([...statuses], { minLength: 1 }) }),
  fc.record({ tags: fc.subarray(['code', 'ui'], { minLength: 1 }) }),
  fc.record({ type: fc.constant('standard' as const).map((type) => [type]) }),
  fc.record({ project: fc.constantFrom(...projects) }),
  fc.record({ rootId: small(6).map(taskId) }),
  fc.record({ parentId: small(6).map(taskId) }),
  fc.record({ externalId: fc.constantFrom('X', '__proto__') }),
  fc.record({ ready: fc.boolean() }),
  fc.record({ text: fc.constantFrom('IMPORT', 'strasse', 'οδος', 'urg') }),
  fc.record({ createdAfter: moment }),
  fc.record({ createdBefore: moment }),
  fc.record({ updatedAfter: moment }),
  fc.record({ includeArchived: fc.boolean() }),
);
const filter = fc.tuple(part, part).map(([one, other]) => ({ ...one, ...other }));
const query = fc.record({ filter, sort: fc.constantFrom(...sorts), limit: fc.integer({ min: 1, max: 9 }) });

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type State = typeof state extends fc.Arbitrary<infer T> ? T : never;

const contextOf = (id: number, { lease, open, artifacts }: State) => ({
  lease,
  children: { open, completed: 0, failed: 0, cancelled: 0 },
  artifacts: artifacts.map((n) => artifactRef(artifactId(id * 10 + n), taskId(id), Uint8Array.of(n % 2))),
});

/** Does the steps to the tables, and to two arrays: what is resident, and what moved away. */
function run(tables: Tables, steps: readonly Step[]) {
  let resident: TaskRecord[] = [];
  const away: TaskRecord[] = [];
  let made = 0;
  for (const next of steps) {
    if (next.kind === 'create') {
      const id = made++;
      const rootId = taskId(next.root);
      const parentId = id === next.root ? null : rootId;
      const spec = { ...next.given, project: next.project, createdAt: next.at, rootId, parentId, position: id % 5 };
      const record = newTask(taskId(id), {
        status: next.state.status,
        updatedAt: next.state.updatedAt,
        spec,
        context: contextOf(id, next.state),
      });
      resident.push(record);
      tables.apply([writeOf(record)]);
    } else if (next.kind === 'change') {
      const index = next.pick % Math.max(resident.length, 1);
      const before = resident[index];
      if (before === undefined) continue;
      const number = Array.from({ length: made }, (_, n) => n).find((n) => taskId(n) === before.id) ?? 0;
      const { status, updatedAt } = next.state;
      const after = nextTask(before, { status, updatedAt, context: contextOf(number, next.state), spec: next.given ?? {} });
      resident[index] = after;
      tables.apply([writeOf(after)]);
    } else if (next.kind === 'ask for timers') {
      tables.due(next.now, next.limit);
    } else {
      const going = resident.filter(({ rootId }) => rootId === taskId(next.root));
      away.push(...going);
      resident = resident.filter((record) => !going.includes(record));
      tables.remove(going.map(({ id }) => id));
    }
  }
  return { resident, away };
}

function pagesOf(tables: Tables, wanted: ListQuery, more?: readonly TaskRecord[]) {
  const seen: { readonly id: string; readonly rev: number }[] = [];
  let cursor: string | undefined;
  do {
    const page = tables.list({ ...wanted, cursor }, more);
    seen.push(...page.items.map(({ id, rev }) => ({ id, rev })));
    cursor = page.next ?? undefined;
    if (seen.length > 1_000) throw new Error('the pages have no end');
  } while (cursor !== undefined);
  return seen;
}

const brief = (records: readonly TaskRecord[]) => records.map(({ id, rev }) => ({ id, rev }));
const inAnyOrder = (ids: readonly { readonly id: string }[]) => ids.map(({ id }) => id).toSorted();

function check(test: (steps: readonly Step[], queries: readonly ListQuery[]) => void): void {
  const steps = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });
  fc.assert(fc.property(steps, fc.array(query, { minLength: 1, maxLength: 6 }), test), { seed, numRuns: 300 });
}

describe('tables', () => {
  it('list and count as a filtered and sorted array does', () => {
    check((steps, queries) => {
      const tables = createTables();
      const { resident } = run(tables, steps);
      for (const wanted of queries) {
        const expected = naiveList(resident, wanted);
        expect(pagesOf(tables, wanted)).toEqual(brief(expected));
        expect(tables.list({ ...wanted, limit: 0, count: true }).total).toBe(expected.length);
      }
    });
  });

  it('list what is not resident among the rest', () => {
    check((steps, queries) => {
      const tables = createTables();
      const { resident, away } = run(tables, steps);
      for (const wanted of queries) {
        const expected = naiveList([...resident, ...away], wanted);
        // What is resident after all is listed once.
        const more = [...resident.slice(0, 3), ...away];
        expect(pagesOf(tables, wanted, more)).toEqual(brief(expected));
        expect(tables.list({ ...wanted, limit: 1, count: true }, more).total).toBe(expected.length);
      }
    });
  });

  it('count, find and time as the array does', () => {
    check((steps) => {
      const tables = createTables();
      const { resident } = run(tables, steps);
      const counts = tables.counts();
      expect(tables.size).toBe(resident.length);
      for (const status of statuses) {
        expect(counts.byStatus[status]).toBe(resident.filter(({ snapshot }) => snapshot.value === status).length);
      }
      expect(counts.ready).toBe(resident.filter(({ snapshot }) => isReady(snapshot)).length);
      const live = resident.filter(({ snapshot }) => snapshot.value !== 'archived');
      expect(counts.byProject).toEqual(
        Object.fromEntries(
          projects
            .map((project) => [project, live.filter((record) => record.project === project).length])
            .filter(([, count]) => count !== 0),
        ),
      );
      for (const now of [noon, noon + 5, noon + 99]) {
        const due = tables.due(now, 1_000);
        expect(inAnyOrder(due)).toEqual(inAnyOrder(resident.filter(({ dueAt }) => dueAt !== null && dueAt <= now)));
        expect(due.map(({ dueAt }) => dueAt)).toEqual(due.map(({ dueAt }) => dueAt).toSorted((a, b) => a - b));
        expect(tables.due(now, 2)).toEqual(due.slice(0, 2));
      }
      const refs = resident.flatMap(({ snapshot }) => snapshot.context.artifacts);
      for (const ref of refs) expect(tables.artifact(ref.id)).toEqual(ref);
      for (const n of [0, 1]) {
        const { sha256 } = artifactRef(artifactId(0), null, Uint8Array.of(n));
        expect(tables.isArtifactReferenced(sha256)).toBe(refs.some((ref) => ref.sha256 === sha256));
      }
    });
  });

  it('answer alike when they are restored from their entries', () => {
    check((steps, queries) => {
      const tables = createTables();
      const { resident } = run(tables, steps);
      const restored = createTables();
      for (const { history, ...row } of tables.entries()) if (row.record.kind === 'task') restored.restore({ record: row.record, history });
      expect(restored.counts()).toEqual(tables.counts());
      expect(restored.due(noon + 99, 1_000)).toEqual(tables.due(noon + 99, 1_000));
      for (const wanted of queries) expect(pagesOf(restored, wanted)).toEqual(pagesOf(tables, wanted));
      for (const { id } of resident) expect(restored.history(id, { limit: 500 })).toEqual(tables.history(id, { limit: 500 }));
    });
  });

  it('finds the first of many without keeping all of them', () => {
    const tables = createTables();
    const random = fc.sample(fc.record({ at: small(50), priority: fc.integer({ min: 1, max: 10 }), ready: fc.boolean() }), {
      numRuns: 600,
      seed,
    });
    const records = random.map(({ at, priority, ready }, id) =>
      newTask(taskId(id), { status: ready ? 'pending' : 'blocked', spec: { createdAt: noon + at, priority } }),
    );
    for (const record of records) tables.apply([writeOf(record)]);
    for (const sort of sorts) {
      for (const ready of [true, undefined]) {
        const wanted = { filter: { ready }, sort, limit: 7 };
        expect(pagesOf(tables, wanted)).toEqual(brief(naiveList(records, wanted)));
      }
    }
  });
});
