import { awaitPosition } from './access.ts';
import type { Handler } from './services.ts';
import { findingOf } from './stale.ts';
import { sweep } from './sweep.ts';
import type { Phase } from './sweep.ts';
import { loadAll, within } from './within.ts';

const phases: readonly Phase[] = (['in_progress', 'blocked', 'failed', 'pending'] as const).map((status) => ({
  filter: { status: [status] },
  sort: 'updated',
}));

export const scan: Handler<'maintenance.scan'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  const scope = await within(services, input, caller);
  const now = services.store.now();
  return sweep(scope, phases, input, async (tasks) => {
    const loaded = new Map((await loadAll(services, tasks)).map((task) => [task.id, task]));
    const found = [];
    for (const { id } of tasks) {
      const task = loaded.get(id);
      const finding = task === undefined ? null : await findingOf(services, task, now, input.staleHours);
      found.push(finding === null ? [] : [finding]);
    }
    return found;
  });
};
