import { TroupeError } from '../../errors.ts';
import { wireOf } from '../../fixes.ts';
import { faultFor } from '../fault.ts';
import type { Reason } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { Request, RequestId, Response } from '../../protocol/messages.ts';
import type { Caller, Stream } from '../../use-cases/caller.ts';
import type { Dispatch } from '../../use-cases/dispatch.ts';
import type { InFlight } from './in-flight.ts';
import type { Follower, Subscription } from './subscription.ts';
import type { Views } from './views.ts';

/** Who a connection speaks for. */
export type Identity = Pick<Caller, 'name' | 'worker' | 'scopes' | 'projects'>;

export interface CallsOptions {
  readonly dispatch: Dispatch;
  readonly views: Views;
  readonly logger: Logger;
  readonly maxInFlight: number;
  /** What a connection may have in flight whatever the others have. */
  readonly fairInFlight: number;
  readonly inFlight: InFlight;
  /** Makes a ticket of the connection's token. */
  readonly ticket: Caller['ticket'];
  readonly answer: (response: Response) => void;
  /** A request was refused before it came to its method. */
  readonly onRefused: (reason: Reason) => void;
}

/** The requests of one connection that wait for their answers. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #waiting = new Map<RequestId, AbortController>();
  readonly #idle: (() => void)[] = [];
  #ended: TroupeError | null = null;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** Hands the request to its use case and answers it. Refuses an id that still waits, and more requests than the limit. */
  async run(request: Request, identity: Identity, follower: Follower): Promise<void> {
    const { id, method, params = {} } = request;
    const { dispatch, views, ticket, answer, onRefused } = this.#options;
    const refused = this.#ended ?? this.#refusal(id);
    if (refused !== null) {
      onRefused(refused.reason);
      return answer({ jsonrpc: '2.0', id, error: wireOf(refused) });
    }
    const controller = new AbortController();
    this.#waiting.set(id, controller);
    this.#options.inFlight.begin();
    const opened: Subscription[] = [];
    try {
      const result = await dispatch(method, params, callerOf(identity, controller, this.#streamOf(follower, opened), ticket));
      answer({ jsonrpc: '2.0', id, result: result ?? null });
      // The answer names the view, so it goes before the view's first event.
      for (const subscription of opened) views.start(subscription);
    } catch (error) {
      for (const { view } of opened) views.unsubscribe(follower, view.id);
      answer({ jsonrpc: '2.0', id, error: wireOf(this.#faultOf(error, method)) });
    }
    this.#waiting.delete(id);
    this.#options.inFlight.end();
    if (this.#waiting.size === 0) for (const idle of this.#idle.splice(0)) idle();
  }

  /** Withdraws a request that waits; false when there is none of that id. */
  cancel(id: RequestId): boolean {
    const controller = this.#waiting.get(id);
    controller?.abort(new TroupeError('CANCELLED', 'the request was withdrawn'));
    return controller !== undefined;
  }

  /** Takes no more requests, and ends what only waits. Resolves when everything was answered. */
  end(reason: TroupeError): Promise<void> {
    this.#ended = reason;
    for (const controller of this.#waiting.values()) controller.abort(reason);
    if (this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#idle.push(resolve));
  }

  #refusal(id: RequestId): TroupeError | null {
    if (this.#waiting.has(id)) {
      const issues = [{ path: 'id', message: 'a request with this id still waits for its answer' }];
      return new TroupeError('INVALID_REQUEST', 'the id is in use', { issues });
    }
    const { maxInFlight, fairInFlight, inFlight } = this.#options;
    if (this.#waiting.size >= maxInFlight) return tooMany('maxInFlight', maxInFlight, 'requests wait for their answers');
    // Many connections together must not take on more than can be answered soon; but those that wait long hold nobody else up.
    if (this.#waiting.size < fairInFlight || !inFlight.isFull) return null;
    return tooMany('maxInFlightOfAll', inFlight.max, 'requests of all connections wait for their answers');
  }

  #streamOf(follower: Follower, opened: Subscription[]): Stream {
    const { views } = this.#options;
    return {
      subscribe: (input) => {
        if (this.#ended !== null) throw this.#ended;
        const { subscription, answer } = views.subscribe(follower, input);
        opened.push(subscription);
        return answer;
      },
      unsubscribe: (view) => views.unsubscribe(follower, view),
    };
  }

  /** What was aborted tells why: a wait that ends because the service stops is not the caller's doing. */
  #faultOf(error: unknown, method: string): TroupeError {
    const { logger } = this.#options;
    const fault = faultFor(error, { logger, method });
    return fault.reason === 'CANCELLED' && this.#ended !== null ? this.#ended : fault;
  }
}

function tooMany(name: string, max: number, which: string): TroupeError {
  return new TroupeError('TOO_MANY_IN_FLIGHT', `${max} ${which}`, { limit: { name, max }, retryAfterMs: 50 });
}

/** The signal is made when it is first asked for: it costs more than the rest, and most requests never wait. */
function callerOf(identity: Identity, controller: AbortController, stream: Stream, ticket: Caller['ticket']): Caller {
  const { name, worker, scopes, projects } = identity;
  return {
    name,
    worker,
    scopes,
    projects,
    stream,
    ticket,
    get signal() {
      return controller.signal;
    },
  };
}
