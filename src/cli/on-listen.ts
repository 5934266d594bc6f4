import type { Transport } from '@modelcontextprotocol/server';
import type { FollowChanges } from '../transport/mcp/changes.ts';

/** Tells of every request of a client to hear of changes, before the request goes on. The serving entry answers those by itself. */
export function onListen(wire: Transport, listen: () => void): Transport {
  const outer: Transport = {
    start() {
      const inner: Pick<Transport, 'onmessage' | 'onclose' | 'onerror'> = {
        onmessage: (message, extra) => {
          if ('method' in message && message.method === 'subscriptions/listen') listen();
          outer.onmessage?.(message, extra);
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
  readonly #waiting = new Set<() => void>();

  constructor(follow: FollowChanges) {
    this.#follow = follow;
  }

  readonly follow: FollowChanges = (listener) => {
    let stop = (): void => {};
    const begin = (): void => {
      stop = this.#follow(listener);
    };
    this.#waiting.add(begin);
    return () => {
      this.#waiting.delete(begin);
      stop();
    };
  };

  readonly want = (): void => {
    for (const begin of this.#waiting) begin();
    this.#waiting.clear();
  };
}
