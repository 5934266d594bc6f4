import { matches } from '../board/board.ts';
import { changeText } from './change.ts';
import type { SentEvent } from '../../client/guards.ts';
import type { Route } from '../route.ts';

/** The newest events, bounded, with what a person filters and how they pause. */

/** A line of the tail: an event, or a word about the stream itself. */
export type Line =
  | { readonly kind: 'event'; readonly at: number; readonly event: SentEvent; readonly change: string }
  | { readonly kind: 'mark'; readonly at: number; readonly time: string; readonly text: string };

export interface TailFilter extends Pick<Route, 'plan' | 'text'> {
  /** One type, `status` for whatever changed a status, or `''` for all. */
  readonly type: string;
}

const mostLines = 2_000;

export class Tail {
  #lines: Line[] = [];
  /** How many ever came, which numbers the lines. */
  #count = 0;
  /** Types of events that came. */
  readonly types = new Set<string>();
  #events = 0;
  /** What is shown while nothing new is, and how many events there had been by then. */
  #paused: { readonly lines: readonly Line[]; readonly events: number } | null = null;

  push(events: readonly SentEvent[]): void {
    for (const event of events) {
      this.types.add(event.type);
      this.#lines.push({ kind: 'event', at: this.#next(), event, change: changeText(event) });
    }
    this.#events += events.length;
    this.#trim();
  }

  mark(text: string, time: string): void {
    this.#lines.push({ kind: 'mark', at: this.#next(), time, text });
    this.#trim();
  }

  pause(): void {
    this.#paused ??= { lines: [...this.#lines], events: this.#events };
  }

  resume(): void {
    this.#paused = null;
  }

  clear(): void {
    this.#lines = [];
    this.#paused = this.#paused && { lines: [], events: this.#events };
  }

  /** Events that came since the pause, shown or not. */
  get waiting(): number {
    return this.#paused === null ? 0 : this.#events - this.#paused.events;
  }

  /** Oldest first. Titles are looked up by the caller, who holds the tasks. */
  lines(filter: TailFilter, titleOf: (id: string) => string | undefined): Line[] {
    const { lines } = this.#paused ?? { lines: this.#lines };
    if (filter.type === '' && filter.plan === null && filter.text === '') return [...lines];
    return lines.filter((line) => line.kind === 'mark' || isWanted(line, filter, titleOf));
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }

  #trim(): void {
    if (this.#lines.length > mostLines) this.#lines = this.#lines.slice(-mostLines);
  }
}

function isWanted(line: Line & { kind: 'event' }, { type, plan, text }: TailFilter, titleOf: (id: string) => string | undefined): boolean {
  const { event, change } = line;
  if (plan !== null && event.rootId !== plan) return false;
  if (type === 'status' ? event.data['from'] === undefined && event.type !== 'task.created' : type !== '' && event.type !== type)
    return false;
  const id = event.taskId ?? event.sessionId ?? '';
  // The title that a task had is in its own event; later ones only name it.
  return matches({ id, title: titleOf(id) ?? '', tags: [event.type, event.by, change] }, text);
}
