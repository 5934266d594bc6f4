import { TroupeError } from '../../errors.ts';
import { Subscription } from './subscription.ts';
import { Traffic } from './traffic.ts';
import { View, keyOf } from './view.ts';
import type { EventLog } from '../../use-cases/services.ts';
import type { Position } from '../../persistence/store.ts';
import type { EventFilter } from '../../protocol/event.ts';
import type { Output } from '../../protocol/methods.ts';
import type { Follower } from './subscription.ts';
import type { Turn } from './turn.ts';
import type { ViewOptions } from './view.ts';

export interface SubscribeInput {
  readonly since?: Position | undefined;
  readonly filter: EventFilter;
  readonly batchMs: number;
}

/** What a replay writes in one turn, so that many of them share the event loop. */
const turnBytes = 262_144;

/**
 * All subscriptions of a service. Each is a cursor in the log: those at the head get the new events of a turn together, those behind are
 * pumped as their sockets drain. Joining the head is one synchronous step, so no event falls between replay and live.
 */
export class Views {
  readonly #log: EventLog;
  readonly #turn: Turn;
  readonly #maxSubscriptions: number;
  readonly #traffic: Traffic;
  readonly #views = new Map<string, View>();
  readonly #stop: () => void;
  #made = 0;
  #due = false;

  constructor(log: EventLog, turn: Turn, maxSubscriptions: number, traffic = new Traffic()) {
    this.#log = log;
    this.#turn = turn;
    this.#maxSubscriptions = maxSubscriptions;
    this.#traffic = traffic;
    this.#stop = log.onAppend(() => this.#appended());
  }

  /** Answers where events flow from; they do from `start` on, which comes after the answer. */
  subscribe(
    follower: Follower,
    input: SubscribeInput,
  ): { readonly subscription: Subscription; readonly answer: Output<'events.subscribe'> } {
    const { filter, batchMs, since } = input;
    const { projects } = follower;
    if (filter.project !== undefined && projects !== null && !projects.includes(filter.project)) {
      throw new TroupeError('FORBIDDEN', `the token does not open the project ${filter.project}`);
    }
    const key = keyOf({ filter, batchMs, projects });
    const before = this.#views.get(key);
    // Nobody may stand further than the view, so what the turn has brought goes to the others first. It may end the view.
    if (before !== undefined) this.#advance(before);
    const known = this.#views.get(key);
    const old = known === undefined ? undefined : follower.subscriptions.get(known.id);
    if (old === undefined && follower.subscriptions.size >= this.#maxSubscriptions) {
      const limit = { name: 'maxSubscriptions', max: this.#maxSubscriptions };
      throw new TroupeError('LIMIT_EXCEEDED', `a connection has at most ${limit.max} subscriptions`, {
        limit,
        fix: 'end one, or filter less',
      });
    }
    const view = known ?? this.#create({ filter, batchMs, projects });
    const subscription = old ?? new Subscription(view, follower);
    const from = since === undefined ? null : this.#log.since(since);
    subscription.fallBehind(from ?? subscription.place);
    subscription.started = false;
    const position = this.#log.positionAt(subscription.cursor);
    if (since === undefined) return { subscription, answer: { view: view.id, mode: 'live', position } };
    if (from === null) {
      this.#traffic.gone += 1;
      return { subscription, answer: { view: view.id, mode: 'list', reason: 'POSITION_GONE', position } };
    }
    this.#traffic.resumed += 1;
    subscription.bookmarkAt = this.#log.end;
    return { subscription, answer: { view: view.id, mode: 'resumed', position } };
  }

  start(subscription: Subscription): void {
    subscription.started = true;
    this.#pump(subscription);
  }

  unsubscribe(follower: Follower, id: string): boolean {
    const subscription = follower.subscriptions.get(id);
    if (subscription === undefined) return false;
    this.#end(subscription);
    return true;
  }

  /** The follower can take more. */
  resume(follower: Follower): void {
    for (const subscription of follower.subscriptions.values()) {
      if (subscription.view.behind.has(subscription)) this.#pump(subscription);
    }
  }

  /** The follower went away. */
  leave(follower: Follower): void {
    for (const subscription of follower.subscriptions.values()) this.#end(subscription);
  }

  /** Tells everyone at the head how far the log has been sent, so that a filtered or idle client can resume from there. */
  bookmark(): void {
    for (const view of this.#views.values()) {
      // Those whom the window has left behind are about to be cut.
      if (view.atHead.size === 0 || view.cursor < this.#log.first) continue;
      const frame = view.bookmark(view.cursor);
      for (const { follower } of view.atHead) if (!follower.clogged) follower.frames(frame);
    }
  }

  /** Ends every subscription, naming the place up to which it got everything. */
  close(reason: string): void {
    this.#stop();
    for (const view of this.#views.values()) {
      this.#advance(view);
      for (const subscription of [...view.atHead, ...view.behind]) {
        if (subscription.started) subscription.follower.text(view.closed(subscription.place, reason));
        this.#end(subscription);
      }
    }
  }

  #create(options: ViewOptions): View {
    this.#made += 1;
    const view = new View(`v${this.#made}`, this.#log, options);
    this.#views.set(view.key, view);
    return view;
  }

  #end(subscription: Subscription): void {
    const { view } = subscription;
    subscription.end();
    if (!view.empty) return;
    clearTimeout(view.timer);
    this.#views.delete(view.key);
  }

  #appended(): void {
    if (this.#due) return;
    this.#due = true;
    this.#turn.fill(() => {
      this.#due = false;
      for (const view of this.#views.values()) {
        if (view.batchMs === 0) this.#advance(view);
        else view.timer ??= setTimeout(() => this.#release(view), view.batchMs);
      }
    });
  }

  #release(view: View): void {
    view.timer = undefined;
    this.#advance(view);
  }

  /** Sends what is new to everyone at the head, and cuts those that the window has left behind. */
  #advance(view: View): void {
    const { first, end } = this.#log;
    if (view.cursor === end) return;
    if (view.cursor < first) for (const { follower } of view.atHead) this.#cut(follower);
    if (view.atHead.size === 0) view.skip();
    else this.#send(view);
    for (const { cursor, follower } of view.behind) if (cursor < first) this.#cut(follower);
  }

  /** Its subscriptions end here: a connection that is closing already does nothing more about them. */
  #cut(follower: Follower): void {
    this.leave(follower);
    follower.cut();
  }

  #send(view: View): void {
    const from = view.cursor;
    const { bytes, events } = view.advance();
    if (events === 0) return;
    let followers = 0;
    for (const subscription of view.atHead) {
      if (subscription.follower.clogged) {
        subscription.fallBehind(from);
        continue;
      }
      subscription.follower.frames(bytes);
      followers += 1;
    }
    this.#deliver(events * followers, this.#log.at(from).at);
  }

  /** Counts events that go out with this turn. The turn writes to the sockets in the order of its calls, so this one comes behind them. */
  #deliver(events: number, durableAt: number | null): void {
    if (events === 0) return;
    this.#turn.send(() => {
      this.#traffic.delivered += events;
      if (durableAt !== null) this.#traffic.lag.observe((performance.now() - durableAt) / 1e3);
    });
  }

  /** Sends the next part of a replay; at its end the subscription is at the head, in the same step. */
  #pump(subscription: Subscription): void {
    const { view, follower, started } = subscription;
    if (!started || follower.clogged || !view.behind.has(subscription)) return;
    for (let sent = 0; subscription.cursor < view.cursor && sent < turnBytes;) {
      if (subscription.cursor < this.#log.first) return this.#cut(follower);
      const chunk = view.replay(subscription.cursor);
      if (chunk.events > 0) {
        follower.frames(chunk.bytes);
        // What is replayed is as old as its subscriber was away.
        this.#deliver(chunk.events, subscription.bookmarkAt === null ? this.#log.at(subscription.cursor).at : null);
      }
      sent += chunk.bytes.length;
      subscription.cursor = chunk.to;
    }
    if (subscription.bookmarkAt !== null && subscription.cursor >= subscription.bookmarkAt) {
      subscription.bookmarkAt = null;
      follower.frames(view.bookmark(subscription.cursor));
    }
    if (subscription.cursor === view.cursor) subscription.joinHead();
    else this.#pumpLater(subscription);
  }

  #pumpLater(subscription: Subscription): void {
    if (subscription.scheduled) return;
    subscription.scheduled = true;
    setImmediate(() => {
      subscription.scheduled = false;
      this.#pump(subscription);
    });
  }
}
