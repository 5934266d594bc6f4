import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TaskId } from '../ids.ts';
import type { Output } from '../protocol/methods.ts';
import { statuses } from '../protocol/values.ts';
import { awaitPosition } from './access.ts';
import type { Handler, Services } from './services.ts';
import { sweep } from './sweep.ts';
import type { Phase } from './sweep.ts';
import { circleThrough, checkArtifacts, checkHistory } from './validation-deep.ts';
import { checkChildren, checkEdges, checkItself, checkTree, relativesOf } from './validation.ts';
import type { Check, Fault } from './validation.ts';
import { within } from './within.ts';

type Level = Output<'maintenance.validate'>['level'];

/** One call reads no more than this of the artifacts, and whole the one that passes it. */
const mostBytes = 64 * 1024 * 1024;
const sliceMs = 3;
const mostFaultsOfOne = 20;
const attempts = 3;

/** What is in memory: an archived tree is read when somebody asks for it. */
const phases: readonly Phase[] = [{ filter: { status: statuses.filter((status) => status !== 'archived') }, sort: 'created' }];

/** The faults of one task, and how many bytes of its artifacts were read. */
async function examine(
  services: Services,
  id: TaskId,
  level: Level,
): Promise<{ readonly faults: readonly Fault[]; readonly bytes: number }> {
  let bytes = 0;
  for (let attempt = 1; ; attempt++) {
    const { end } = services.log;
    const record = (await services.store.load([id])).get(id);
    if (record === undefined || record.snapshot.value === 'archived') return { faults: [], bytes };
    const task = { id, record };
    const faults: Fault[] = [];
    const tell = (check: Check, message: string) => void faults.push({ taskId: id, check, message });
    const relatives = await relativesOf(services, task);
    checkItself(task, tell);
    checkTree(task, relatives, tell);
    checkEdges(task, relatives, tell);
    await checkChildren(services, task, tell);
    if (level !== 'basic') await checkHistory(services, task, tell);
    if (level === 'full_audit') bytes += await checkArtifacts(services, task, tell);
    // What was read while somebody wrote may be of two moments, and no fault at all.
    if (faults.length === 0 || services.log.end === end || attempt === attempts) return { faults: faults.slice(0, mostFaultsOfOne), bytes };
  }
}

export const validate: Handler<'maintenance.validate'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  const scope = await within(services, input, caller);
  const { level } = input;
  let left = mostBytes;
  const swept = await sweep(scope, phases, input, async (page) => {
    const found = new Map<TaskId, readonly Fault[]>();
    let since = performance.now();
    for (const { id } of page) {
      if (left <= 0) break;
      const { faults, bytes } = await examine(services, id, level);
      found.set(id, faults);
      left -= bytes;
      if (performance.now() - since < sliceMs) continue;
      await nextTurn();
      since = performance.now();
    }
    const circle = level === 'basic' ? null : await circleThrough(services, [...found.keys()]);
    const own = circle === null ? undefined : found.get(circle.taskId);
    if (circle !== null && own !== undefined) found.set(circle.taskId, [...own, circle]);
    return [...found.values()];
  });
  return { level, ...swept };
};
