import { isTaskId } from '../../ids.ts';
import { lanes as allLanes } from '../lanes.ts';
import type { Asked } from '../../client/link.ts';
import type { Status } from '../../protocol/values.ts';
import type { Lane } from '../lanes.ts';
import type { ListQuery } from './order.ts';

/** What the list asks the service for, when the page can't know it. */

/** Whether it has to: for older tasks than the page holds, and for archived ones. */
export const mustAsk = (query: ListQuery, beyond: number | null): boolean => query.archived || (beyond !== null && isNarrowed(query));

/** Whether the query means less than everything; the newest of everything is what the page holds anyway. */
const isNarrowed = ({ text, plan, specialists, lanes, ready }: ListQuery): boolean =>
  text.trim() !== '' || plan !== null || specialists.length > 0 || lanes.length > 0 || ready;

type Filter = NonNullable<Asked<'task.list'>['filter']>;

const maxText = 200;
const mostSpecialists = 32;

const statusesOf: Readonly<Record<Lane, readonly Status[]>> = {
  ready: ['pending'],
  waiting: ['pending', 'blocked'],
  running: ['in_progress'],
  done: ['completed', 'cancelled'],
  failed: ['failed'],
};

export function filterOf({ text, plan, specialists, lanes, ready, hideDone, archived }: ListQuery): Filter {
  const sought = text.trim().slice(0, maxText).toWellFormed();
  const wanted = new Set((lanes.length > 0 ? lanes : allLanes).flatMap((lane) => (hideDone && lane === 'done' ? [] : statusesOf[lane])));
  if (archived && wanted.has('completed')) wanted.add('archived');
  return {
    ...(sought !== '' && { text: sought }),
    ...(plan !== null && isTaskId(plan) && { rootId: plan }),
    ...(specialists.length > 0 && { specialist: specialists.slice(0, mostSpecialists) }),
    ...((lanes.length > 0 || hideDone) && { status: [...wanted] }),
    ...(ready && { ready }),
    ...(archived && { includeArchived: true }),
  };
}
