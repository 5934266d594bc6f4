import type { Transport } from '@modelcontextprotocol/server';
import type { Change, FollowChanges } from '../transport/mcp/changes.ts';

/** Requests to hear of changes: of clients of 2026-07-28, which the serving entry answers by itself, and of those before. */
const listening: ReadonlySet<string> = new Set(['subscriptions/listen', 'resources/subscribe']);

/** Holds back a client's request to hear of changes until `ready`: once it is answered none may be missed. What comes behind goes on. */
export function onListen(wire: Transport, ready: () => Promise<void>): Transport {
  const held = new Set<unknown>();
  const outer: Transport = {
    start() {
      const inner: Pick<Transport, 'onmessage' | 'onclose' | 'onerror'> = {
        onmessage(message, extra) {
          if (!('method' in message)) return outer.onmessage?.(message, extra);
          if ('id' in message && listening.has(message.method)) {
            const { id } = message;
            held.add(id);
            void ready().then(() => {
              if (held.delete(id)) outer.onmessage?.(message, extra);
            });
          } else if (message.method !== 'notifications/cancelled' || !held.delete(message.params?.['requestId'])) {
            outer.onmessage?.(message, extra);
          }
        },
        onclose: () => outer.onclose?.(),
        onerror: (error) => outer.onerror?.(error),
      };
      Object.assign(wire, inner);
      return wire.start();
    },
    send: (message, options) => wire.send(message, options),
    close: () => wire.close(),
  };
  return outer;
}

/** Follows the service from the time on that somebody wants to know: most agents never do, and a follower needs a service. */
export class WhenWanted {
  readonly #follow: FollowChanges;
  readonly #listeners = new Set<(change: Change) => void>();
  #begun: Promise<void> | null = null;

  constructor(follow: FollowChanges) {
    this.#follow = follow;
  }

  readonly follow: FollowChanges = (listener) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Resolves when every change is told from now on, or the service can't be had: then whoever asks again tries again. */
  readonly want = (): Promise<void> => {
    this.#begun ??= new Promise((resolve) => {
      const tell = (change: Change): void => {
        for (const listener of this.#listeners) listener(change);
      };
      this.#follow(tell, (isLive) => {
        if (!isLive) this.#begun = null;
        resolve();
      });
    });
    return this.#begun;
  };
}
