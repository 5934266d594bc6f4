import { planOf } from '../machines/plan.ts';
import type { PlannedTask } from '../protocol/methods/given.ts';

/** Plans without making anything, each task under `t_` and its key. Answers the keys in levels of execution; throws what planning throws. */
export function rehearse(top: PlannedTask): string[][] {
  const { order } = planOf({
    top,
    topId: 't_',
    parent: null,
    project: 'default',
    sessionId: null,
    at: 0,
    by: '',
    idFor: (key) => `t_${key}`,
    reviewIdFor: (id) => `${id}:review`,
    existing: () => undefined,
  });
  return order.map((level) => level.map((id) => id.slice(2)));
}
