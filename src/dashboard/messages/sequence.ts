import type { JsonObject } from '../../protocol/values.ts';

/** Who said what to whom, as the events tell it. */

/** As far as messages need an event. */
export interface Told {
  readonly type: string;
  readonly time: string;
  readonly taskId: string;
  readonly rev: number;
  readonly by: string;
  readonly cause: { readonly commandId: string; readonly taskId?: string | undefined };
  readonly data: JsonObject;
}

export interface Message {
  readonly id: string;
  readonly time: string;
  readonly type: string;
  /** A task, or null for the people and agents outside. */
  readonly source: string | null;
  readonly target: string;
  readonly by: string;
  readonly commandId: string;
  readonly rev: number;
  /** What the event tells of it. */
  readonly data: JsonObject;
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Those events that are of a task, and such as messages are made of. */
export const toldOf = (events: readonly object[]): Told[] => events.filter(isTold);

function isTold(event: object): event is Told {
  const { type, time, taskId, rev, by, cause, data }: Partial<Record<keyof Told, unknown>> = event;
  return [type, time, taskId, by].every((text) => typeof text === 'string') && typeof rev === 'number' && isObject(cause) && isObject(data);
}

/** The task that told a fact, when the fact names it. */
function namedIn({ dependency, child, dependents }: JsonObject): string | null {
  const [one] = Array.isArray(dependents) ? dependents : [dependency ?? child];
  return typeof one === 'string' ? one : null;
}

/** The messages that a task took in one write: what its event is named after, then the other facts. */
export function messagesOf({ type, time, taskId, rev, by, cause, data }: Told): Message[] {
  const { facts, ...own } = data;
  const message = (place: number, name: string, details: JsonObject, otherwise: string | null): Message => ({
    id: `${taskId} ${rev} ${place}`,
    time,
    type: name,
    source: namedIn(details) ?? otherwise,
    target: taskId,
    by,
    commandId: cause.commandId,
    rev,
    data: details,
  });
  const source = cause.taskId ?? null;
  const others = Array.isArray(facts) ? facts.filter(isObject) : [];
  return [
    message(0, type, own, source),
    ...others.map(({ type: name, ...details }, index) => message(index + 1, typeof name === 'string' ? name : 'unknown', details, source)),
  ];
}

/**
 * Events of several tasks in the order in which they happened, as far as they tell it: by time; within an instant a task's revisions in
 * their order, and within a command the cause before what it brought about.
 */
export function inOrder<E extends Told>(events: readonly E[]): E[] {
  const byTime = events.toSorted((one, other) => (one.time === other.time ? 0 : one.time < other.time ? -1 : 1));
  const ordered: E[] = [];
  for (let begin = 0; begin < byTime.length;) {
    let end = begin + 1;
    while (byTime[end]?.time === byTime[begin]?.time && end < byTime.length) end += 1;
    ordered.push(...(end - begin === 1 ? byTime.slice(begin, end) : causesFirst(byTime.slice(begin, end))));
    begin = end;
  }
  return ordered;
}

function causesFirst<E extends Told>(events: readonly E[]): E[] {
  const sorted = events.toSorted(
    (one, other) => one.rev - other.rev || (one.taskId < other.taskId ? -1 : Number(one.taskId > other.taskId)),
  );
  const key = (task: string, what: string | number): string => `${task} ${what}`;
  const byRev = new Map(sorted.map((event) => [key(event.taskId, event.rev), event]));
  const byCommand = new Map(sorted.map((event) => [key(event.taskId, event.cause.commandId), event]));
  const ordered = new Set<E>();
  const path = new Set<E>();
  for (const event of sorted) {
    // What comes before it is put before it; should that go in a circle, the circle is cut here.
    const waiting = [event];
    for (let last = waiting.at(-1); last !== undefined; last = waiting.at(-1)) {
      path.add(last);
      const { taskId, rev, cause } = last;
      const before = [
        byRev.get(key(taskId, rev - 1)),
        cause.taskId === undefined ? undefined : byCommand.get(key(cause.taskId, cause.commandId)),
      ];
      const next = before.find((one) => one !== undefined && !ordered.has(one) && !path.has(one));
      if (next !== undefined) {
        waiting.push(next);
        continue;
      }
      waiting.pop();
      ordered.add(last);
    }
    path.clear();
  }
  return [...ordered];
}
