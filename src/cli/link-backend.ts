import type { Link } from '../client/link.ts';
import type { MethodName, Output } from '../protocol/methods.ts';
import type { Backend, CallOptions, Given } from '../transport/mcp/backend.ts';
import type { FollowChanges } from '../transport/mcp/changes.ts';
import type { Found } from './discover.ts';
import { openLink } from './open-link.ts';
import type { OpenLinkOptions } from './open-link.ts';

/** Workers that one process may speak for at the same time; the one that was not heard of for longest gives way. */
const maxWorkers = 16;

/** The service at the other end of a link. A worker has a link of its own, since a connection says once who it speaks for. */
export class LinkBackend implements Backend {
  readonly worker: string;
  readonly data: Found;
  readonly #link: Link;
  readonly #options: OpenLinkOptions;
  readonly #others: Map<string, LinkBackend>;

  static open(options: OpenLinkOptions): LinkBackend {
    return new LinkBackend(options, new Map());
  }

  private constructor(options: OpenLinkOptions, others: Map<string, LinkBackend>) {
    const { link, data, worker } = openLink(options);
    this.#link = link;
    this.#options = options;
    this.#others = others;
    this.data = data;
    this.worker = worker;
    others.set(worker, this);
  }

  call<M extends MethodName>(method: M, input: Given<M>, options: CallOptions = {}): Promise<Output<M>> {
    return this.#link.call(method, input, options);
  }

  as(worker: string): Backend {
    const known = this.#others.get(worker);
    if (known === undefined) {
      if (this.#others.size > maxWorkers) this.#dropOldest();
      return new LinkBackend({ ...this.#options, worker }, this.#others);
    }
    this.#others.delete(worker);
    this.#others.set(worker, known);
    return known;
  }

  readonly follow: FollowChanges = (listener, onState) =>
    this.#link.follow((told) => {
      if (told.kind !== 'events') return onState?.(told.kind !== 'ended');
      // Those of sessions are of no task.
      for (const event of told.events) if (event.taskId !== null) listener(event);
    });

  async close(): Promise<void> {
    await Promise.all([...this.#others.values()].map((other) => other.#link.close()));
  }

  #dropOldest(): void {
    for (const [worker, oldest] of this.#others) {
      if (oldest === this) continue;
      this.#others.delete(worker);
      void oldest.#link.close();
      return;
    }
  }
}
