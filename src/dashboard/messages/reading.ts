import { call } from '../app.ts';
import { toldOf } from './sequence.ts';
import type { Output } from '../../protocol/methods.ts';
import type { Told } from './sequence.ts';

const pageItems = 500;
/** Of a task with more events than this the rest is not read; only one that tells its progress all the time has so many. */
const mostPages = 20;

/** All that a task has to tell. */
export async function historyOf(taskId: `t_${string}`): Promise<Told[]> {
  const found: Told[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer: Output<'task.history'> = await call('task.history', { taskId, limit: pageItems, cursor });
    found.push(...toldOf(answer.items));
    if (answer.nextCursor === null) break;
    cursor = answer.nextCursor;
  }
  return found;
}
