import { machineEventOf } from '../machines/published.ts';
import { sessionEventOf } from '../machines/session-published.ts';
import type { ActorEvent } from '../protocol/event.ts';
import { sessionStatuses } from '../protocol/values.ts';
import type { Json, JsonObject } from '../protocol/values.ts';

/** One event as the machine took it. */
export interface Taken {
  /** The machine's name for it. */
  readonly name: string;
  /** The task that sent it; undefined for what came from outside. */
  readonly sourceId: string | undefined;
  /** What was published of it beside the state. */
  readonly details: JsonObject;
}

/** What XState itself sends an actor that begins. */
const birth = 'xstate.init';

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** Who sent a fact, as far as its details say so. */
function senderOf(name: string, details: JsonObject): string | undefined {
  if (name === 'CHILD_CHANGED') return textOf(details['child']);
  if (name === 'DEPENDENCY_CHANGED') {
    const { inherited } = details;
    return textOf(isObject(inherited) ? inherited['from'] : details['dependency']);
  }
  if (name !== 'DEPENDENT_CHANGED') return undefined;
  const { dependents } = details;
  return Array.isArray(dependents) && dependents.length === 1 ? textOf(dependents[0]) : undefined;
}

/** Everything that a write took, in order: the event that it was published as, and the facts that stand beside it. */
export function takenOf(event: ActorEvent): readonly Taken[] {
  const { type, data, cause } = event;
  if (type === 'session.created') return [{ name: birth, sourceId: undefined, details: data }];
  if (type === 'task.created') return [{ name: birth, sourceId: textOf(data['parentId']), details: data }];
  if (type === 'session.changed') {
    const status = sessionStatuses.find((one) => one === data['status']);
    return [{ name: status === undefined ? type : sessionEventOf(status), sourceId: undefined, details: data }];
  }
  const { facts: kept, ...details } = data;
  const facts = Array.isArray(kept) ? kept.flatMap((fact) => factOf(fact)) : [];
  const name = machineEventOf(type, data) ?? type;
  const main = { name, details, sourceId: senderOf(name, data) };
  // What came first is what the cause is about. Without a change of state that is what was published; else the last that changed it was.
  const sender = main.sourceId ?? (name === 'REVISE' ? cause.taskId : undefined);
  const isFirst = facts.length === 0 || data['from'] === undefined || sender === cause.taskId;
  if (isFirst) return [{ ...main, sourceId: cause.taskId }, ...facts];
  const [first, ...others] = facts;
  return [...(first === undefined ? [] : [{ ...first, sourceId: cause.taskId }]), ...others, { ...main, sourceId: sender }];
}

function factOf(fact: Json): readonly Taken[] {
  if (!isObject(fact)) return [];
  const { type, ...details } = fact;
  const name = typeof type === 'string' ? machineEventOf(type, details) : null;
  return name === null ? [] : [{ name, details, sourceId: senderOf(name, details) }];
}
