import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../src/clock.ts';
import { openLowdbStore } from '../src/persistence/lowdb/store.ts';
import { newTask, taskId, unitOf } from '../test/support/records.ts';

const perTree = 500;
const description = 'Read the ledgers of the year, row by row, and say which of them do not add up, with the page and the sum. '.repeat(3);

/** A data directory with that many tasks in trees of 500, written by the store itself and closed. */
export async function largeDirectory(tasks: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
  const store = await openLowdbStore({ directory, clock: createClock(), checkpointBytes: Number.MAX_SAFE_INTEGER });
  for (let first = 0; first < tasks; first += perTree) {
    const count = Math.min(perTree, tasks - first);
    const records = Array.from({ length: count }, (_, index) =>
      newTask(taskId(first + index), {
        spec: {
          rootId: taskId(first),
          parentId: index === 0 ? null : taskId(first),
          depth: index === 0 ? 0 : 1,
          position: index,
          title: `Ledger ${first + index} of the year`,
          description,
        },
      }),
    );
    await store.commit([unitOf(records)]);
  }
  await store.close();
  return directory;
}
