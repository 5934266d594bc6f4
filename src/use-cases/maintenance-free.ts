import { formatTime } from '../clock.ts';
import { TroupeError } from '../errors.ts';
import type { Input, Output } from '../protocol/methods.ts';
import type { Caller } from './caller.ts';
import { converse } from './mutate.ts';
import type { Handler, Services } from './services.ts';
import { clipped, hoursOf, staleSince } from './stale.ts';
import { sweep } from './sweep.ts';
import { loadAll, within } from './within.ts';
import type { Loaded } from './within.ts';

type Freed = Output<'maintenance.free'>['items'][number];

/** Ends the lease as time would, by a command of its own; null when the holder has been heard of meanwhile. */
async function freed(
  services: Services,
  { id, record }: Loaded,
  since: number,
  { commandId }: Input<'maintenance.free'>,
  caller: Caller,
): Promise<Freed['status'] | null> {
  try {
    // Sent again it finds what it has freed; the revision tells one stale attempt from the next.
    const own = commandId === undefined ? undefined : `${commandId}:${record.rev}`;
    const done = await converse(services, 'maintenance.free', { taskId: id, commandId: own }, caller, (talk) => {
      talk.send(id, { type: 'TIMER', unheardSince: since, at: talk.at, by: talk.by });
      return talk.state(id).value;
    });
    return done.repeated ? done.record.snapshot.value : done.value;
  } catch (error) {
    if (error instanceof TroupeError && (error.reason === 'NOT_DUE' || error.reason === 'INVALID_TRANSITION')) return null;
    throw error;
  }
}

export const free: Handler<'maintenance.free'> = async (services, input, caller) => {
  const scope = await within(services, input, caller);
  const now = services.store.now();
  const swept = await sweep(scope, [{ filter: { status: ['in_progress'] }, sort: 'updated' }], input, async (tasks, room) => {
    const loaded = new Map((await loadAll(services, tasks)).map((task) => [task.id, task]));
    const found: Freed[][] = [];
    let left = room;
    for (const { id } of tasks) {
      if (left === 0) break;
      const task = loaded.get(id);
      const since = task === undefined ? null : staleSince(services, task.record, now, input.staleHours);
      const status =
        task === undefined || since === null ? null : input.dryRun ? 'in_progress' : await freed(services, task, since, input, caller);
      if (task === undefined || since === null || status === null) {
        found.push([]);
        continue;
      }
      left -= 1;
      const { spec, lease } = task.record.snapshot.context;
      found.push([
        {
          taskId: id,
          title: clipped(spec.title, 120),
          holder: lease?.holder ?? '',
          since: formatTime(since),
          hours: hoursOf(now - since),
          status,
        },
      ]);
    }
    return found;
  });
  return { dryRun: input.dryRun, ...swept, position: services.log.head };
};
