import type { Output } from '../protocol/methods.ts';
import type { Session, SessionSummary } from '../protocol/session.ts';
import type { Task } from '../protocol/task.ts';
import { inLine, inLines, pairs, table } from './columns.ts';
import type { Column, Pair } from './columns.ts';
import { eventLine } from './event-line.ts';
import { exits } from './exit-codes.ts';
import type { Exit } from './exit-codes.ts';
import { printLines, say, screen } from './output.ts';
import type { Style } from './output.ts';
import { commandOf, sessionCommandsOf } from './words.ts';

/** A row of a list, as far as it was asked for. */
export type Row = Output<'task.list'>['items'][number];

export const styleOf: Readonly<Record<Task['status'], Style>> = {
  pending: 'blue',
  in_progress: 'yellow',
  blocked: 'cyan',
  completed: 'green',
  failed: 'red',
  cancelled: 'dim',
  archived: 'dim',
};

/** Enough of an id for a terminal: any command takes it. */
export const shortId = (id: string): string => id.slice(0, 10);

const columns: readonly Column<Row>[] = [
  { name: 'ID', of: ({ id }) => id, short: ({ id }) => shortId(id) },
  {
    name: 'STATUS',
    of: ({ status, ready }) => (ready === true ? 'ready' : (status ?? '')),
    paint: ({ paint }, text, { status }) => (status === undefined ? text : paint(styleOf[status], text)),
  },
  { name: 'ROLE', of: ({ specialist }) => specialist ?? '', least: 60 },
  { name: 'TITLE', of: ({ title }) => title ?? '' },
];

const sessionColumns: readonly Column<SessionSummary>[] = [
  { name: 'ID', of: ({ id }) => id },
  { name: 'STATUS', of: ({ status }) => status },
  { name: 'TASKS', of: ({ tasks }) => countsOf(tasks) },
  { name: 'TITLE', of: ({ title }) => title },
];

const countsOf = (tasks: Readonly<Record<string, number>>): string =>
  Object.entries(tasks)
    .flatMap(([status, count]) => (count === 0 ? [] : [`${count} ${status}`]))
    .join(', ') || 'none';

function progressOf({ value, total, message }: NonNullable<Task['progress']>): string {
  const far = value === null ? null : total === null ? String(value) : `${value} of ${total}`;
  return [far, message].filter((part) => part !== null).join(': ');
}

/** How answers are shown to people; with `--json` the answer has been printed, and nothing is. */
export class Printing {
  readonly #isJson: boolean;
  readonly #screen = screen();

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  /** The id alone, so that a script can take it as it is. */
  made({ id, title }: { readonly id: string; readonly title: string }): void {
    this.#print([id]);
    this.#say(`made ${inLine(title)}`);
  }

  changed(task: Task, more = ''): void {
    this.#print(table([task], columns, { ...this.#screen, columns: null }));
    if (more !== '') this.#say(more);
  }

  execution({ task, lease, specialist }: Output<'task.execute'>): void {
    this.#print([inLines(specialist.context)]);
    this.#say(`${task.id} is yours until ${lease.expiresAt} (lease ${lease.id}): troupe complete ${task.id} --summary …`);
  }

  plan({ task, tasks, order }: Output<'task.plan'>): void {
    this.#print([`${task.id}  .`, ...Object.entries(tasks).map(([ref, id]) => `${id}  ${ref}`)]);
    this.#say(`planned ${inLine(task.title)}: ${Object.keys(tasks).length} tasks below it, ${order.length} levels`);
  }

  tasks({ items, nextCursor }: { readonly items: readonly Row[]; readonly nextCursor: string | null }): void {
    this.#print(table(items, columns, this.#screen));
    if (items.length === 0) this.#say('there are none');
    this.#more(nextCursor);
  }

  next(task: Output<'task.next'>['task'], reason: string): Exit {
    if (task !== null) this.#print(table([task], columns, { ...this.#screen, columns: null }));
    this.#say(reason);
    return task === null ? exits.notFound : exits.ok;
  }

  task(task: Task): void {
    const { dependsOn, children, progress, blocked, lease, result } = task;
    const below = children.open + children.completed + children.failed + children.cancelled;
    const rows: Pair[] = [
      ['id', task.id],
      ['title', task.title],
      ['status', `${task.status} (${task.stage})`, styleOf[task.status]],
      ['role', task.specialist],
      ['project', task.project],
      ['parent', task.parentId],
      ['external id', task.externalId],
      ['priority', String(task.priority)],
      ['tags', task.tags.join(', ')],
      ['attempt', `${task.attempt} of ${task.maxAttempts}`],
      ['progress', progress === null ? null : progressOf(progress)],
      ['held by', lease === null ? null : `${lease.holder} until ${lease.expiresAt}`],
      ['waits for', dependsOn.map(({ taskId, status, waived }) => `${taskId} (${waived ? 'waived' : status})`).join(', ')],
      ['children', below === 0 ? null : `${children.open} open of ${below}`],
      ['due', task.dueAt],
      ['question', blocked?.question ?? null],
      ['reason', blocked?.reason ?? null],
      ['feedback', task.feedback],
      ['description', task.description],
      ['acceptance', task.acceptance.join('\n')],
      ['summary', result?.summary ?? null],
      ['artifacts', task.artifacts.map(({ id, name, bytes }) => `${id}  ${name} (${bytes} bytes)`).join('\n')],
      ['allowed', task.allowed.map(commandOf).join(', ')],
      ['updated', `${task.updatedAt} (revision ${task.rev})`],
    ];
    this.#print(pairs(rows, this.#screen));
  }

  history({ items, nextCursor }: Output<'task.history'>): void {
    this.#print(items.map((event) => eventLine(event, this.#screen)));
    this.#more(nextCursor);
  }

  sessions({ items, nextCursor }: { readonly items: readonly SessionSummary[]; readonly nextCursor: string | null }): void {
    this.#print(table(items, sessionColumns, this.#screen));
    if (items.length === 0) this.#say('there are none');
    this.#more(nextCursor);
  }

  session(session: Session): void {
    const rows: Pair[] = [
      ['id', session.id],
      ['title', session.title],
      ['status', session.status],
      ['project', session.project],
      ['directory', session.workingDirectory],
      ['paused', session.paused === null ? null : `by ${session.paused.by}: ${session.paused.reason ?? 'no reason given'}`],
      ['tasks', countsOf(session.tasks)],
      ['ready', String(session.ready)],
      ['plans', String(session.plans)],
      ['summary', session.summary],
      ['allowed', sessionCommandsOf(session.allowed).join(', ')],
      ['updated', `${session.lastActivity} (revision ${session.rev})`],
    ];
    this.#print(pairs(rows, this.#screen));
  }

  status({ version, startedAt, healthy, store, tasks, ready, memory }: Output<'system.status'>): Exit {
    const rows: Pair[] = [
      ['version', version],
      ['started', startedAt],
      ['store', `${store.kind}, ${store.writable ? 'writable' : 'not writable'}`, store.writable ? 'green' : 'red'],
      ['problems', store.problems.join('\n')],
      ['quarantined', store.quarantined === 0 ? null : String(store.quarantined), 'yellow'],
      ['tasks', countsOf(tasks)],
      ['ready', String(ready)],
      ['memory', `${Math.round(memory.rssBytes / 1_048_576)} MiB`],
    ];
    this.#print(pairs(rows, this.#screen));
    return healthy ? exits.ok : exits.failed;
  }

  #more(cursor: string | null): void {
    if (cursor !== null) this.#say(`there are more: --cursor ${cursor}`);
  }

  #print(lines: readonly string[]): void {
    if (!this.#isJson) printLines(lines);
  }

  #say(words: string): void {
    if (!this.#isJson) say(words);
  }
}
