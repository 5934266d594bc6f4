/** The events of one task as its page reads them. They are of any version of the service, so nothing in them is taken for granted. */

export interface HistoryEvent {
  readonly type: string;
  readonly time: string;
  readonly at: number;
  readonly rev: number;
  readonly by: string;
  readonly data: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function eventOf(given: unknown): HistoryEvent[] {
  if (!isFields(given)) return [];
  const { type, time, rev, by, data } = given;
  if (typeof type !== 'string' || typeof time !== 'string' || typeof rev !== 'number' || !isFields(data)) return [];
  const at = Date.parse(time);
  return Number.isNaN(at) ? [] : [{ type, time, at, rev, by: textOf(by) ?? '?', data }];
}

/** Oldest first, every revision once, whatever came in which order. */
export function withEvents(known: readonly HistoryEvent[], more: readonly unknown[]): readonly HistoryEvent[] {
  const fresh = more.flatMap(eventOf);
  if (fresh.length === 0) return known;
  const newest = known.at(-1)?.rev ?? 0;
  if (fresh.every(({ rev }, index) => rev > (fresh[index - 1]?.rev ?? newest))) return [...known, ...fresh];
  const byRev = new Map([...known, ...fresh].map((event) => [event.rev, event]));
  return [...byRev.values()].sort((one, other) => one.rev - other.rev);
}

const told = ['error', 'summary', 'text', 'question', 'answer', 'reason', 'feedback', 'note'] as const;

/** What an event says beside its type, as lines. */
export function detailsOf({ type, data }: Pick<HistoryEvent, 'type' | 'data'>): string[] {
  const lines = told.flatMap((name) => {
    const text = textOf(data[name]);
    return text === null ? [] : [name === 'question' || name === 'feedback' ? `${name}: ${text}` : text];
  });
  const progress = progressText(data['progress']);
  if (progress !== null) lines.push(progress);
  if (type === 'task.edited' && Array.isArray(data['fields']))
    lines.push(data['fields'].filter((name) => typeof name === 'string').join(', '));
  if (type === 'task.started') lines.push(`attempt ${String(data['attempt'])}`);
  const state = textOf(data['state']);
  if (state !== null) lines.push(`is ${state}`);
  return lines;
}

/** Of other tasks that an event names. */
export function tasksOf({ data }: Pick<HistoryEvent, 'data'>): string[] {
  const { dependency, child, dependsOn } = data;
  const named = [dependency, child, ...(Array.isArray(dependsOn) ? dependsOn : [])].map((one: unknown) =>
    isFields(one) ? one['taskId'] : one,
  );
  return [...new Set(named.filter((one) => typeof one === 'string' && one.startsWith('t_')))].map(String);
}

/** `40 of 100: message`; null when nothing was said. */
export function progressText(given: unknown): string | null {
  if (!isFields(given)) return null;
  const { value, total, message } = given;
  const amount = typeof value !== 'number' ? null : typeof total === 'number' ? `${value} of ${total}` : value === 0 ? null : String(value);
  const said = textOf(message);
  if (amount === null) return said;
  return said === null ? amount : `${amount}: ${said}`;
}

/** What else the task took in the same unit. */
export const factsOf = ({ data: { facts } }: Pick<HistoryEvent, 'data'>): { readonly type: string; readonly data: Fields }[] =>
  Array.isArray(facts)
    ? facts.flatMap((fact: unknown) => (isFields(fact) && typeof fact['type'] === 'string' ? [{ type: fact['type'], data: fact }] : []))
    : [];

export interface Note {
  readonly key: string;
  readonly text: string;
  readonly by: string;
  readonly at: number;
}

/** Newest first. An event tells the first 500 characters; the whole note is in the task's context. */
export function notesOf(events: readonly HistoryEvent[]): Note[] {
  const notes = events.flatMap((event) =>
    [event, ...factsOf(event)].flatMap(({ type, data }, index) => {
      const text = type === 'task.noted' ? textOf(data['text']) : null;
      return text === null ? [] : [{ key: `${event.rev}.${index}`, text, by: event.by, at: event.at }];
    }),
  );
  return notes.toReversed();
}
