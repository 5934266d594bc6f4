import { Distribution, timeBounds } from '../../distribution.ts';
import type { Reason } from '../../errors.ts';

/** What went through a WebSocket server since it was made. */
export class Traffic {
  /** Events written into sockets: one that three clients got counts three times. */
  delivered = 0;
  /** Subscriptions that asked for a position and got everything since. */
  resumed = 0;
  /** Subscriptions that asked for a position which the window no longer has. */
  gone = 0;
  /** Seconds from an event's being durable to its being written into sockets: of each write, the oldest. */
  readonly lag = new Distribution(timeBounds);
  /** Connections that the service closed, by close code. */
  readonly closed = new Map<number, number>();
  /** Requests that were refused before they came to a method, by reason. */
  readonly refused = new Map<Reason, number>();

  close(code: number): void {
    this.closed.set(code, (this.closed.get(code) ?? 0) + 1);
  }

  refuse(reason: Reason): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }
}
