import { createClock } from '../../src/clock.ts';
import { openLowdbStore } from '../../src/persistence/lowdb/store.ts';
import { startService } from '../support/service.ts';
import type { Asked } from '../support/service.ts';
import { randomFrom } from '../support/random.ts';

/**
 * Makes a data directory with many tasks: trees of 250 with dependencies, a third of them completed with work, by the use cases
 * themselves, so that everything agrees with everything. Arguments: the directory, how many tasks, the seed.
 */
const [directory = '', wanted = '1000', seed = '1'] = process.argv.slice(2);
const perTree = 250;
const random = randomFrom(Number(seed));
const pick = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];

const words = [
  'import',
  'ledger',
  'parser',
  'invoice',
  'schema',
  'report',
  'cache',
  'upload',
  'queue',
  'search',
  'grün',
  'billing',
] as const;
const sentence = (length: number): string => Array.from({ length }, () => pick(words)).join(' ');

const taskOf = (index: number): NonNullable<Asked<'task.plan'>['tasks']>[number] => ({
  ref: `r${index}`,
  title: `Make the ${sentence(4)} work, part ${index}`,
  description: `${sentence(20 + random() * 60)}.`,
  specialist: pick(['coder', 'tester', 'analyst', 'documenter']),
  complexity: pick(['simple', 'moderate', 'complex']),
  priority: 1 + Math.floor(random() * 10),
  tags: [pick(words.filter((word) => /^\w+$/.test(word)) as ['import']), `area-${Math.floor(random() * 20)}`],
  acceptance: [sentence(8)],
  // Every fourth begins a chain of four.
  dependsOn: index % 4 === 0 ? [] : [`r${index - 1}`],
});

const store = await openLowdbStore({ directory, clock: createClock(), checkpointBytes: 1024 ** 3 });
const service = await startService({ store });
const trees = Math.ceil(Number(wanted) / perTree);

async function grow(tree: number): Promise<void> {
  const count = Math.min(perTree, Number(wanted) - tree * perTree) - 1;
  const { tasks } = await service.ask('task.plan', {
    commandId: `tree-${tree}`,
    title: `Tree ${tree}: ${sentence(5)}`,
    project: `project-${tree % 10}`,
    tasks: Array.from({ length: count }, (_, index) => taskOf(index)),
  });
  const finish = async (index: number): Promise<void> => {
    const taskId = tasks[`r${index}`];
    if (taskId === undefined) return;
    const { lease } = await service.ask('task.execute', { commandId: `execute-${index}`, taskId });
    await service.ask('task.complete', {
      commandId: `complete-${index}`,
      taskId,
      lease: lease.id,
      summary: sentence(15),
      detailedWork: `${tree}/${index} ${sentence(50 + random() * 250)}`,
      acceptance: [{ met: true }],
    });
  };
  const chains = Array.from({ length: Math.ceil(count / 4) }, (_, chain) => chain * 4);
  await Promise.all(
    chains.map(async (first) => {
      await finish(first);
      if (random() < 0.4) await finish(first + 1);
    }),
  );
}

let next = 0;
await Promise.all(
  Array.from({ length: 4 }, async () => {
    while (next < trees) await grow(next++);
  }),
);
// The sealed journal before the last checkpoint is read at a start as well: it is to be that of a store at rest, not of the making.
await store.checkpoint();
await service.ask('task.create', { commandId: 'last', title: 'The last one' });
await service.close();
await store.close();
