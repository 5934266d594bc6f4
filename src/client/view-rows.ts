import type { SessionId, TaskId } from '../ids.ts';
import type { SessionEvent, TaskEvent } from '../protocol/event.ts';
import type { Task } from '../protocol/task.ts';
import type { Fields, SentEvent } from './guards.ts';
import { isObject } from './guards.ts';
import { effectOf } from './view-patch.ts';

/** The last event that was seen of a task. */
export interface LastEvent {
  readonly type: string;
  readonly time: string;
  readonly by: string;
  readonly rev: number;
}

export type Row<F extends keyof Task> = Pick<Task, F | 'id' | 'rev'> & { readonly last: LastEvent | null };

const isListed = <F extends keyof Task>(item: unknown): item is Pick<Task, F | 'id' | 'rev'> =>
  isObject(item) && typeof item['id'] === 'string' && typeof item['rev'] === 'number';

/** The members that rows need to have those exact. */
export function fieldsFor(wanted: readonly (keyof Task)[]): ReadonlySet<keyof Task> {
  // A task of a paused session is not ready; its stage follows from that and its children.
  const held = wanted.includes('ready') || wanted.includes('stage') ? (['ready', 'sessionId'] as const) : [];
  const below = wanted.includes('stage') ? (['children'] as const) : [];
  return new Set([...wanted, ...held, ...below, 'id', 'rev', 'status', 'updatedAt']);
}

/** Tasks as a list and the events since then tell them, joined: of each the newest revision wins (PROTOCOL.md, section 5). */
export class Rows<F extends keyof Task> {
  /** The one that was changed last comes last. */
  items = new Map<TaskId, Row<F>>();
  /** Tasks that have to be read again: what events say of them is not all. */
  readonly stale = new Set<TaskId>();
  /** Since they were last taken. */
  changed = new Set<TaskId>();
  gone = new Set<TaskId>();
  /** Tasks for which there was no room. */
  beyond = 0;
  readonly #fields: ReadonlySet<keyof Task>;
  readonly #limit: number;
  /** The newest event of tasks that have no row yet. */
  readonly #heard = new Map<TaskId, LastEvent>();
  /** Archived and deleted ones, which an answer that is under way may still name. */
  readonly #left = new Set<TaskId>();
  readonly #sessions = new Map<SessionId, { readonly rev: number; readonly isPaused: boolean }>();

  constructor(fields: ReadonlySet<keyof Task>, limit: number) {
    this.#fields = fields;
    this.#limit = limit;
  }

  /** All tasks that are known of. */
  get total(): number {
    return this.items.size + this.#heard.size + this.beyond;
  }

  apply(event: SentEvent): void {
    if (event.taskId === null) this.#applyToSession(event);
    else this.#applyToTask(event);
  }

  /** Takes a task as it was listed. */
  put(item: unknown): void {
    if (!isListed<F>(item) || this.#left.has(item.id)) return;
    const { id } = item;
    const row = this.items.get(id);
    const last = this.#heard.get(id) ?? row?.last ?? null;
    this.#heard.delete(id);
    if (item.rev < Math.max(row?.rev ?? 0, last?.rev ?? 0)) this.stale.add(id);
    else if (row === undefined) this.stale.delete(id);
    if (row === undefined || item.rev >= row.rev) this.#set(id, { ...item, last });
  }

  /** Takes that a task which was asked for is not there, unless something was heard of it since. */
  miss(id: TaskId): void {
    if (this.stale.has(id)) return;
    this.#heard.delete(id);
    if (this.items.delete(id)) this.#tell(id, this.gone);
  }

  putSession(id: SessionId, rev: number, isPaused: boolean): void {
    const known = this.#sessions.get(id);
    if (known !== undefined && known.rev >= rev) return;
    this.#sessions.set(id, { rev, isPaused });
    if (isPaused === (known?.isPaused ?? false)) return;
    // Whether they are ready is their session's business too, though it is no event of theirs.
    for (const row of this.items.values()) {
      const fields: Fields = row;
      if (fields['sessionId'] === id && fields['status'] === 'pending') this.stale.add(row.id);
    }
  }

  /** No answer is under way any more. */
  settle(): void {
    this.#left.clear();
  }

  /** Puts the rows of a list into the order in which they were changed. */
  sort(): void {
    const at = (row: Fields): string => String(row['updatedAt']);
    const rows = [...this.items.values()].sort((a, b) => Number(at(a) > at(b)) - Number(at(a) < at(b)));
    this.items = new Map(rows.map((row) => [row.id, row]));
  }

  #applyToSession({ sessionId, rev, data }: SessionEvent): void {
    this.putSession(sessionId, rev, data['status'] === 'paused');
  }

  #applyToTask(event: TaskEvent): void {
    const { taskId: id, type, time, by, rev, data } = event;
    const row = this.items.get(id);
    const last = { type, time, by, rev };
    if (row === undefined) {
      const heard = this.#heard.get(id);
      // What is done to an archived task is of nobody's rows.
      if (data['status'] === 'archived' && data['from'] === undefined) return;
      if (this.#left.has(id) || (heard !== undefined && rev <= heard.rev)) return;
      if (heard === undefined && type !== 'task.created' && this.beyond > 0) this.beyond -= 1;
      this.#heard.set(id, last);
      if (data['status'] === 'archived') this.#leave(id);
      else this.stale.add(id);
      return;
    }
    if (rev <= row.rev) {
      if (rev > (row.last?.rev ?? 0)) this.#set(id, { ...row, last });
      return;
    }
    if (data['status'] === 'archived') return this.#leave(id);
    const { exact, open } = effectOf(event);
    const known: Fields = row;
    const isOpen = (field: keyof Task): boolean => this.#fields.has(field) && open.has(field);
    const patch: Record<string, unknown> = { rev, last };
    for (const [field, value] of exact) if (this.#fields.has(field) && !open.has(field)) patch[field] = value;
    patch['status'] = data['status'];
    if (this.#fields.has('ready')) patch['ready'] = data['ready'] === true && !this.#isPaused(event.sessionId);
    if (this.#fields.has('stage')) patch['stage'] = stageOf({ ...known, ...patch });
    // A revision that was never heard of may have changed anything.
    if (rev > row.rev + 1 || [...this.#fields].some(isOpen)) this.stale.add(id);
    this.#set(id, { ...row, ...patch });
  }

  #isPaused(id: SessionId | null): boolean {
    return id !== null && this.#sessions.get(id)?.isPaused === true;
  }

  #leave(id: TaskId): void {
    this.#left.add(id);
    this.#heard.delete(id);
    this.stale.delete(id);
    if (this.items.delete(id)) this.#tell(id, this.gone);
  }

  #set(id: TaskId, row: Row<F>): void {
    this.items.delete(id);
    this.items.set(id, row);
    this.#tell(id, this.changed);
    if (this.items.size <= this.#limit) return;
    for (const [oldest] of this.items) {
      this.items.delete(oldest);
      this.stale.delete(oldest);
      this.#tell(oldest, this.gone);
      this.beyond += 1;
      return;
    }
  }

  #tell(id: TaskId, as: Set<TaskId>): void {
    this.changed.delete(id);
    this.gone.delete(id);
    as.add(id);
  }
}

/** As the service derives it from the rest of the task. */
function stageOf({ status, ready, children }: Fields): unknown {
  if (status === 'completed') return 'done';
  if (status === 'blocked') return 'blocked';
  if (status !== 'pending' && status !== 'in_progress') return 'closed';
  const { open = 0, completed = 0, failed = 0, cancelled = 0 } = isObject(children) ? children : {};
  const finished = Number(completed) + Number(failed) + Number(cancelled);
  const isSynthesis = finished > 0 && open === 0;
  if (status === 'in_progress') return isSynthesis ? 'synthesis' : 'underway';
  if (ready === true) return isSynthesis ? 'synthesis' : 'ready';
  return finished > 0 ? 'underway' : 'waiting';
}
