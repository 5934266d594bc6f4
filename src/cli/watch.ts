import { once } from 'node:events';
import type { Link, StreamEvent } from '../client/link.ts';
import type { TaskId } from '../ids.ts';
import type { EventFilter } from '../protocol/event.ts';
import type { CommonOptions } from './call.ts';
import { connect } from './connect.ts';
import { eventLine } from './event-line.ts';
import { jsonOf, say, screen } from './output.ts';
import { shortId } from './printing.ts';
import { resolved, resolveSession, resolveTask } from './task-id.ts';

export interface WatchOptions extends CommonOptions {
  readonly plan?: string;
  readonly project?: string;
  readonly session?: string;
}

/** A service that restarts is waited for. */
const giveUpMs = 30_000;
/** What a reader may leave unread. */
const mostWaitingBytes = 16 * 1024 * 1024;
const mostTitles = 5_000;
/** As many as a filter may name. */
const mostIds = 200;

/** Tells every event from now on, across restarts of the service, until it is told to stop. */
export async function watch(task: string | undefined, options: WatchOptions): Promise<void> {
  const link = connect(options, { makes: false, giveUpMs });
  try {
    const filter = await filterOf(link, task, options);
    const teller = new Teller(link, options.json === true);
    const ended = new Promise<never>((_resolve, reject) => {
      const stop = link.follow((told) => {
        if (told.kind === 'ended') return reject(told.error);
        teller.take(told).catch((error: unknown) => {
          stop();
          reject(error);
        });
      }, filter);
    });
    await Promise.race([ended, once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  } finally {
    await link.close();
  }
}

async function filterOf(link: Link, task: string | undefined, { plan, project, session }: WatchOptions): Promise<EventFilter> {
  const given = task ?? plan;
  // Asked for, so that one that there is not is told of at once.
  const found = given === undefined ? null : (await link.call('task.get', { taskId: await resolveTask(link, given) })).task;
  return {
    project,
    sessionId: await resolved((id) => resolveSession(link, id), session),
    taskId: task === undefined ? undefined : found?.id,
    rootId: task === undefined ? found?.rootId : undefined,
  };
}

class Teller {
  readonly #link: Link;
  readonly #isJson: boolean;
  readonly #screen = screen();
  readonly #titles = new Map<TaskId, string>();
  /** What came before is told before. */
  #last: Promise<void> = Promise.resolve();

  constructor(link: Link, isJson: boolean) {
    this.#link = link;
    this.#isJson = isJson;
  }

  take(told: Exclude<StreamEvent, { kind: 'ended' }>): Promise<void> {
    this.#last = this.#last.then(() => this.#tell(told));
    return this.#last;
  }

  async #tell(told: Exclude<StreamEvent, { kind: 'ended' }>): Promise<void> {
    if (told.kind === 'live') {
      if (!this.#isJson) say('Watching; stop with Ctrl+C.');
    } else if (told.kind === 'list') {
      if (this.#isJson) this.#write(jsonOf({ type: 'list', position: told.position }));
      else say('Something was missed: the log was replaced. What follows is complete again.');
    } else if (this.#isJson) {
      for (const event of told.events) this.#write(jsonOf(event));
    } else {
      await this.#learn(told.events.flatMap(({ taskId }) => taskId ?? []));
      for (const event of told.events) {
        const { taskId, sessionId } = event;
        const name = taskId === null ? shortId(sessionId) : `${shortId(taskId)}  ${this.#titles.get(taskId) ?? ''}`;
        this.#write(eventLine({ ...event }, this.#screen, name));
      }
    }
  }

  /** The titles of tasks that were not heard of before. */
  async #learn(ids: readonly TaskId[]): Promise<void> {
    if (this.#titles.size > mostTitles) this.#titles.clear();
    const unknown = [...new Set(ids.filter((id) => !this.#titles.has(id)))];
    for (let from = 0; from < unknown.length; from += mostIds) {
      const filter = { ids: unknown.slice(from, from + mostIds), includeArchived: true };
      const { items } = await this.#link.call('task.list', { filter, fields: ['id', 'title'], limit: mostIds });
      for (const { id, title = '' } of items) this.#titles.set(id, title);
    }
  }

  #write(line: string): void {
    process.stdout.write(`${line}\n`);
    if (process.stdout.writableLength > mostWaitingBytes)
      throw new Error('whoever reads this is too slow: watch less with --project or --plan, or write it to a file');
  }
}
