import { deriveId, freshCommandId } from '../actors/derive.ts';
import type { Done } from '../actors/system.ts';
import type { EventLog } from '../actors/event-log.ts';
import { TroupeError } from '../errors.ts';
import { isTaskId } from '../ids.ts';
import type { TaskId } from '../ids.ts';
import { refusalOf } from '../machines/refusal.ts';
import type { ActorEvent } from '../protocol/event.ts';
import type { Input, Output } from '../protocol/methods.ts';
import { nameOf, requireProject } from './access.ts';
import type { Caller } from './caller.ts';
import { startEvent } from './claiming.ts';
import { tellExecution } from './execution.ts';
import type { Handler, Services } from './services.ts';

const candidates = 32;

/** A task became ready, or all of a session came back. */
const brings = ({ type, data }: ActorEvent): boolean =>
  data['ready'] === true || (type === 'session.changed' && data['status'] === 'active');

/** Resolves true when something became ready after the cursor, false when the time is over. */
function waitForReady(log: EventLog, from: number, waitMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let seen = from;
    const look = () => {
      for (seen = Math.max(seen, log.first); seen < log.end; seen++) if (brings(log.at(seen).event)) return end(() => resolve(true));
    };
    const end = (settle: () => void) => {
      stop();
      clearTimeout(timer);
      signal?.removeEventListener('abort', withdraw);
      settle();
    };
    const withdraw = () => end(() => reject(new TroupeError('CANCELLED', 'the claim was withdrawn')));
    const timer = setTimeout(() => end(() => resolve(false)), waitMs);
    const stop = log.onAppend(look);
    signal?.addEventListener('abort', withdraw);
    if (signal?.aborted === true) withdraw();
    else look();
  });
}

/** Starts the first ready task that is still free; null when there is none now. */
async function claimOnce(services: Services, input: Input<'task.claim'>, commandId: string, caller: Caller): Promise<Done<TaskId | null>> {
  const by = nameOf(caller);
  const lease = deriveId('l', by, commandId);
  const { filter, leaseMs } = input;
  let cursor: string | undefined;
  for (;;) {
    const page = await services.store.list({
      filter: { ...filter, ready: true },
      sort: 'next',
      limit: candidates,
      cursor,
      projects: caller.projects ?? undefined,
    });
    const ids = page.items.map((item) => item.id).filter(isTaskId);
    const done = await services.system.run({
      id: commandId,
      by,
      method: 'task.claim',
      payload: { filter, leaseMs },
      // The newest leases are indexed, so a claim that is sent again finds the task that it got.
      remembers: () => services.system.byLease(lease),
      talk: (talk) => {
        for (const id of ids) {
          const state = talk.glance(id);
          // A role that was taken away keeps its own tasks waiting, and nobody else's.
          if (state === undefined || services.roles.get(state.context.spec.specialist) === undefined) continue;
          const start = startEvent(services, talk, id, lease, leaseMs);
          // Others may have been quicker; what they took is not ready any more, durable or not.
          if (refusalOf(id, state, start) !== null) continue;
          talk.addressed = id;
          talk.send(id, start);
          return id;
        }
        return null;
      },
    });
    if (done.repeated || done.value !== null || page.next === null) return done;
    cursor = page.next;
  }
}

export const claim: Handler<'task.claim'> = async (services, input, caller): Promise<Output<'task.claim'>> => {
  const { log, store } = services;
  if (input.filter.project !== undefined) requireProject(caller, input.filter.project);
  const commandId = input.commandId ?? freshCommandId();
  const lease = deriveId('l', nameOf(caller), commandId);
  const telling = { isHolder: (held: { readonly id: string }) => held.id === lease, contextBytes: input.contextBytes };
  const until = store.now() + input.waitMs;
  for (;;) {
    const from = log.end;
    const done = await claimOnce(services, input, commandId, caller);
    if (done.repeated) {
      const { id, rev, snapshot } = done.record;
      if (!isTaskId(id)) throw new TroupeError('INTERNAL', 'a lease led to what is no task');
      return { ...(await tellExecution(services, id, rev, snapshot, log.head, telling)), repeated: true };
    }
    const part = done.value === null ? undefined : done.parts.get(done.value);
    if (done.value !== null && part !== undefined)
      return tellExecution(services, done.value, part.rev, part.state, done.position ?? log.head, telling);
    const left = until - store.now();
    if (left <= 0 || !(await waitForReady(log, from, left, caller.signal)))
      throw new TroupeError('NOTHING_READY', 'no task that fits is ready', { retryAfterMs: 1_000 });
  }
};
