import type { View } from './view.ts';

/** Where a subscription's frames go: one connection. */
export interface Follower {
  /** The projects that its token opens; null for all. */
  readonly projects: readonly string[] | null;
  /** By the id of the view. */
  readonly subscriptions: Map<string, Subscription>;
  /** True while it should be given nothing more. */
  readonly clogged: boolean;
  /** A message to be framed. */
  text(message: string): void;
  /** Frames shared with other followers. */
  frames(bytes: Buffer): void;
  /** Ends a connection that can't be given every event: it reconnects and resumes. */
  cut(): void;
}

/** One follower of one view: a cursor in the log. */
export class Subscription {
  readonly view: View;
  readonly follower: Follower;
  /** The next event to send; while the subscription is at the head, the view's cursor counts instead. */
  cursor: number;
  /** Nothing is sent before the subscription was answered. */
  started = false;
  /** The next part of the replay is on its way. */
  scheduled = false;
  /** Where the replay ends and a bookmark is due; null when none is. */
  bookmarkAt: number | null = null;

  constructor(view: View, follower: Follower) {
    this.view = view;
    this.follower = follower;
    this.cursor = view.cursor;
    view.behind.add(this);
    follower.subscriptions.set(view.id, this);
  }

  get place(): number {
    return this.view.atHead.has(this) ? this.view.cursor : this.cursor;
  }

  /** Takes a cursor of its own, at `cursor` or where it already is if that is earlier. */
  fallBehind(cursor: number): void {
    this.cursor = Math.min(cursor, this.place);
    this.view.atHead.delete(this);
    this.view.behind.add(this);
  }

  joinHead(): void {
    this.view.behind.delete(this);
    this.view.atHead.add(this);
  }

  end(): void {
    this.view.behind.delete(this);
    this.view.atHead.delete(this);
    this.follower.subscriptions.delete(this.view.id);
  }
}
