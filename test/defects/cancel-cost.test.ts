import { expect, test } from 'vitest';
import type { ActorId, TaskId } from '../../src/ids.ts';
import type { ActorRecord, Store, TaskRecord } from '../../src/persistence/store.ts';
import { anyone } from '../support/service.ts';
import { overStores } from '../integration/use-cases/checked-service.ts';
import type { CheckedService, Start } from '../integration/use-cases/checked-service.ts';

/** How many records and rows pass through the store's port. */
interface Traffic {
  records: number;
  rows: number;
  commits: number;
}

/** The store as it is, with everything that passes through it counted. */
function counted(store: Store, traffic: Traffic): Store {
  function load(ids: readonly TaskId[]): Promise<Map<ActorId, TaskRecord>>;
  function load(ids: readonly ActorId[]): Promise<Map<ActorId, ActorRecord>>;
  function load(ids: readonly ActorId[]): Promise<Map<ActorId, ActorRecord>> {
    traffic.records += ids.length;
    return store.load(ids);
  }
  const counting: Pick<Store, 'load' | 'list' | 'commit'> = {
    load,
    async list(query) {
      const page = await store.list(query);
      traffic.rows += page.items.length + (page.total ?? 0);
      return page;
    },
    commit(units) {
      traffic.commits += units.length;
      traffic.records += units.flatMap(({ writes, checks }) => [...writes, ...checks]).length;
      return store.commit(units);
    },
  };
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(Object.hasOwn(counting, name) ? counting : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const trees = 7;

interface Populated {
  readonly service: CheckedService;
  readonly traffic: Traffic;
  /** One task of each tree after the other. */
  readonly tasks: readonly TaskId[];
}

async function populated(start: Start, perTree: number): Promise<Populated> {
  const traffic: Traffic = { records: 0, rows: 0, commits: 0 };
  const { store } = await start({ unchecked: true });
  const service = await start({ store: counted(store, traffic), unchecked: true });
  const made: TaskId[][] = [];
  for (let tree = 0; tree < trees; tree++) {
    const tasks = Array.from({ length: perTree - 1 }, (_, n) => ({ title: `task ${n}` }));
    made.push(Object.values((await service.ask('task.plan', { title: `tree ${tree}`, tasks })).tasks));
  }
  return { service, traffic, tasks: made.flatMap((tree) => tree.slice(0, 9)) };
}

const cancel = ({ service }: Populated, taskId: TaskId | undefined, subtree: boolean) =>
  service.dispatch('task.cancel', { taskId, subtree }, anyone);

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

overStores('16. cancelling one of 7,000 tasks scans them all', (start) => {
  test.each([false, true])('it costs what it costs among 70 (subtree: %s)', async (subtree) => {
    const few = await populated(start, 10);
    const many = await populated(start, 1_000);
    expect((await many.service.store.counts()).byStatus.pending).toBe(7_000);
    const spent = new Map<Populated, number[]>([
      [few, []],
      [many, []],
    ]);
    const before = [few, many].map(({ traffic }) => ({ ...traffic }));
    // In turns, so that whatever else the machine does falls on both alike.
    for (let n = 0; n < 9 * trees; n++)
      for (const population of n % 2 === 0 ? [few, many] : [many, few]) {
        const begun = process.hrtime.bigint();
        await cancel(population, population.tasks[n], subtree);
        spent.get(population)?.push(Number(process.hrtime.bigint() - begun));
      }
    const [passed, alike] = [few, many].map(({ traffic }, index) => ({
      records: traffic.records - (before[index]?.records ?? 0),
      rows: traffic.rows - (before[index]?.rows ?? 0),
      commits: traffic.commits - (before[index]?.commits ?? 0),
    }));
    expect(alike).toEqual(passed);
    expect(passed).toMatchObject({ rows: 0, commits: 9 * trees });
    const [small, large] = [median(spent.get(few) ?? []), median(spent.get(many) ?? [])];
    expect(large / small, `median of ${large} ns among 7,000 and ${small} ns among 70`).toBeLessThan(5);
  });
});
