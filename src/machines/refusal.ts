import { TroupeError } from '../errors.ts';
import type { ErrorDetails } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import { statuses } from '../protocol/values.ts';
import type { Status } from '../protocol/values.ts';
import type { TaskContext, TaskState } from './context.ts';
import { callerEvents, publicName } from './events.ts';
import type { MachineEvent, TaskEventName } from './events.ts';
import { guardRows, rowOf, unheard } from './guards.ts';
import type { GuardName } from './guards.ts';
import { dueAtOf, unmet } from './readings.ts';
import { taskMachine } from './task.ts';

/** Why a task does not take an event, and what it takes instead; from the rows that the machine's guards are made of. */

const accepted = (status: Status): ReadonlySet<string> =>
  new Set<string>([...(taskMachine.root.states[status]?.ownEvents ?? []), ...taskMachine.root.ownEvents]);
const acceptedBy = new Map(statuses.map((status) => [status, accepted(status)]));

const ways = (name: TaskEventName): readonly TaskEventName[] =>
  name === 'COMPLETE' ? ['COMPLETE', 'COMPLETE.continue', 'COMPLETE.needs_revision', 'COMPLETE.blocked'] : [name];

/** Per state, what callers can send there at all, each with the guards that are about the task, per way to send it. */
const offersBy = new Map(
  [...acceptedBy].map(([status, names]) => [
    status,
    callerEvents.flatMap((name) => {
      const open = ways(name).filter((way) => names.has(way));
      return open.length === 0 ? [] : [{ name, ways: open.map((way) => rowOf(way).filter((guard) => guardRows[guard].about === 'task')) }];
    }),
  ]),
);

/** The events that the task accepts now from whoever may send them, by the names that callers know. `at`: now, in milliseconds. */
export function allowedEvents({ value, context }: TaskState, at: number): readonly string[] {
  const asked = { context, event: { type: 'TIMER', at, by: '' } as const };
  const allowed: string[] = [];
  for (const offer of offersBy.get(value) ?? [])
    if (offer.ways.some((guards) => guards.every((guard) => guardRows[guard].test(asked)))) allowed.push(offer.name);
  return allowed;
}

function evidence(guard: GuardName, context: TaskContext, event: MachineEvent): ErrorDetails {
  switch (guardRows[guard].reason) {
    case 'DEPENDENCIES_UNMET':
      return {
        blockedBy: unmet(context).map(({ id, status, kind, reason }) => ({
          taskId: id,
          status,
          kind,
          ...(reason === undefined ? {} : { reason }),
        })),
      };
    case 'ACCEPTANCE_UNANSWERED': {
      const answers = 'acceptance' in event ? event.acceptance : [];
      return { missing: context.spec.acceptance.flatMap((_, index) => (answers[index]?.met === true ? [] : [index])) };
    }
    case 'LIMIT_EXCEEDED': {
      const { limit } = guardRows[guard];
      return limit === undefined ? {} : { limit };
    }
    case 'INVALID_PARAMS':
      return { issues: [{ path: 'set.acceptance', message: guardRows[guard].says }] };
    case 'DEPENDENCY_CYCLE':
      return event.type === 'DEPENDENCY_ADD' && event.cycle !== null ? { path: event.cycle } : {};
    case 'SESSION_PAUSED':
      return event.type === 'START' && event.pausedIn != null ? { sessionId: event.pausedIn } : {};
    case 'NOT_DUE':
      return context.notBefore === null ? {} : { retryAfterMs: Math.max(0, context.notBefore - event.at) };
    case 'REV_CONFLICT':
      return 'rev' in event && event.rev !== undefined ? { rev: event.rev } : {};
    default:
      return {};
  }
}

const wayOut: Readonly<Partial<Record<Status, string>>> = {
  completed: 'reopen the task first',
  cancelled: 'reopen the task first',
  failed: 'retry the task first',
  blocked: 'answer or unblock the task first',
  in_progress: 'complete the task with needs_revision, or wait until its lease ends',
  archived: 'an archived task is final: make a new one',
};

const words = (name: string): string => name.toLowerCase().replaceAll('_', ' ');

/** A TIMER asks no rows, it looks for what is due. */
const isDue = (state: TaskState, event: MachineEvent): boolean =>
  event.at >= (dueAtOf(state) ?? Infinity) || (state.value === 'in_progress' && unheard({ context: state.context, event }));

/** The refusal of an event that the task in this state does not take; null when it takes it. */
export function refusalOf(id: TaskId, state: TaskState, event: MachineEvent): TroupeError | null {
  const { value, context } = state;
  const name = publicName(event.type);
  const details = { taskId: id, from: value, event: name };
  if (acceptedBy.get(value)?.has(event.type) !== true) {
    const fix = wayOut[value];
    return new TroupeError('INVALID_TRANSITION', `cannot ${words(name)}: the task is ${words(value)}`, {
      ...details,
      allowed: allowedEvents(state, event.at),
      ...(fix === undefined ? {} : { fix }),
    });
  }
  for (const guard of rowOf(event.type)) {
    const row = guardRows[guard];
    if (row.test({ context, event })) continue;
    return new TroupeError(row.reason, `cannot ${words(name)}: ${row.says}`, {
      ...details,
      guard,
      allowed: allowedEvents(state, event.at),
      ...evidence(guard, context, event),
      ...(row.fix === undefined ? {} : { fix: row.fix }),
    });
  }
  if (event.type === 'TIMER' && !isDue(state, event))
    return new TroupeError('NOT_DUE', 'the task moved on before its time came', { ...details, allowed: allowedEvents(state, event.at) });
  return null;
}
