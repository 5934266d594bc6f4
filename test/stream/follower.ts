import { connect, RefusedError } from '../support/client.ts';
import type { Client, Notification, Params, ReceivedEvent, Result } from '../support/client.ts';
import type { Address } from './service.ts';

/** A client that follows the rules of PROTOCOL.md, section 5, and notes every breach of them. */

type Filter = NonNullable<Params<'events.subscribe'>['filter']>;
type Listed = Result<'task.list'>['items'][number];
type TaskId = Listed['id'];

export interface FollowerOptions {
  readonly filter?: Filter;
  readonly batchMs?: number;
  /** Positions count the events of the log, so a view without a filter gets each number. */
  readonly isWhole?: boolean;
  /** After how many events a connection dies by itself, drawn when it begins; less than 0: before it has what it came for. */
  readonly quota?: () => number;
}

export interface Known {
  rev: number;
  status: unknown;
  ready: unknown;
  title: unknown;
  priority: unknown;
  /** It comes from a list, which may be ahead of the events that still come. */
  listed: boolean;
}

/** What a list says of a task and events say too. The content of an archived task may be gone. */
const knownOf = ({ rev = 0, status, ready, title, priority }: Listed): Known => ({
  rev,
  status,
  ready,
  title,
  priority,
  listed: true,
});

export async function listAll(client: Client, filter: Filter, limit = 1_000): Promise<Map<TaskId, Known>> {
  const { project, rootId } = filter;
  const found = new Map<TaskId, Known>();
  const query = { includeArchived: true, ...(project === undefined ? {} : { project }), ...(rootId === undefined ? {} : { rootId }) };
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Result<'task.list'> = await client.request('task.list', {
      filter: query,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const item of page.items) found.set(item.id, knownOf(item));
    cursor = page.nextCursor;
  }
  return found;
}

export class Follower {
  readonly faults: string[] = [];
  /** How often each mode was answered. */
  readonly modes = { live: 0, resumed: 0, list: 0 };
  /** How its connections ended. */
  readonly ends = new Map<number, number>();
  events = 0;
  /** The bookmark; undefined until a first list is complete. */
  position: string | undefined;
  tasks = new Map<TaskId, Known>();
  readonly #options: FollowerOptions;
  readonly #seen = new Set<string>();

  constructor(options: FollowerOptions = {}) {
    this.#options = options;
  }

  /** Follows on one connection until `done` holds, the quota of events is used up, or the connection ends. */
  async follow({ url, token }: Address, done: () => boolean): Promise<void> {
    let client: Client;
    try {
      client = await connect(url, token);
    } catch {
      // The service is going away; whoever calls waits for the next one.
      return;
    }
    const quota = this.#options.quota?.() ?? Infinity;
    const last = this.events + quota;
    let taken = 0;
    const absorb = (): void => {
      for (; taken < client.notifications.length; taken += 1) this.#take(client.notifications[taken]);
    };
    try {
      await this.#join(client, quota < 0);
      if (quota >= 0) {
        await client.until(() => {
          absorb();
          return this.events >= last || done();
        }, 60_000);
      }
    } catch (error) {
      if (error instanceof RefusedError && error.reason !== 'DRAINING') throw error;
      // What came before the end counts, if it could be told from what a list must bring.
      if (this.position !== undefined) absorb();
      if (String(error).includes('not within')) this.faults.push(String(error));
    }
    client.terminate();
    const { code } = await client.closed;
    this.ends.set(code, (this.ends.get(code) ?? 0) + 1);
  }

  async #join(client: Client, dies: boolean): Promise<void> {
    const { filter = {}, batchMs } = this.#options;
    const answer = await client.request('events.subscribe', {
      filter,
      ...(this.position === undefined ? {} : { since: this.position }),
      ...(batchMs === undefined ? {} : { batchMs }),
    });
    this.modes[answer.mode] += 1;
    if (answer.mode === 'resumed') {
      if (answer.position !== this.position) this.faults.push(`resumed at ${answer.position} instead of ${this.position}`);
      return;
    }
    // What was known may be of another history, or lack what nobody will send: the list takes its place.
    this.position = undefined;
    if (dies) return;
    this.tasks = await listAll(client, filter, 300);
    this.position = answer.position;
  }

  #take(notification: Notification | undefined): void {
    if (notification === undefined) return;
    const { method, params } = notification;
    if (method === 'events.event') this.#event(params as unknown as ReceivedEvent);
    else if (method === 'events.batch') for (const event of params['events'] as ReceivedEvent[]) this.#event(event);
    else this.#mark(String(params['position']));
  }

  /** A bookmark or the end of the view: everything up to here was sent. */
  #mark(position: string): void {
    if (this.#options.isWhole === true && position !== this.position) this.faults.push(`a bookmark at ${position} after ${this.position}`);
    this.position = position;
  }

  #event(event: ReceivedEvent): void {
    const { position, taskId, rev, type } = event;
    const say = (what: string): void =>
      void this.faults.push(`${what}: ${type} ${taskId} rev ${rev} at ${position} after ${this.position}`);
    if (this.#seen.has(position)) say('a duplicate');
    this.#seen.add(position);
    if (this.#options.isWhole === true && numberOf(position) !== numberOf(this.position) + 1) say('not the next of the log');
    this.position = position;
    this.events += 1;
    if (taskId === null) return;
    const known = this.tasks.get(taskId);
    // The list was ahead.
    if (known?.listed === true && rev <= known.rev) return;
    if (rev !== (known?.rev ?? 0) + 1) say(`a rev after ${known?.rev}`);
    this.tasks.set(taskId, applied(known, event));
  }
}

export const numberOf = (position: string | undefined): number => Number(position?.split(':')[1]);

function applied(known: Known | undefined, { rev, type, data }: ReceivedEvent): Known {
  const { status, ready } = data;
  const { title, priority } = type === 'task.created' || type === 'task.edited' || known === undefined ? data : known;
  return { rev, status, ready, title, priority, listed: false };
}

/** Where two views of the same tasks differ, in lines. */
export function differences(seen: ReadonlyMap<string, Known>, stored: ReadonlyMap<string, Known>): string[] {
  const lines: string[] = [];
  for (const id of new Set([...seen.keys(), ...stored.keys()])) {
    const [a, b] = [told(seen.get(id)), told(stored.get(id))];
    if (a !== b) lines.push(`${id}: followed as ${a}, stored as ${b}`);
  }
  return lines;
}

function told(known: Known | undefined): string {
  if (known === undefined) return 'nothing';
  const { rev, status, ready, title, priority } = known;
  return JSON.stringify(status === 'archived' ? [rev, status, ready] : [rev, status, ready, title, priority]);
}
