import type { Output, MethodName } from '../../protocol/methods.ts';
import type { Caller } from '../../use-cases/caller.ts';
import type { Dispatch } from '../../use-cases/dispatch.ts';
import type { Backend, CallOptions, Given } from './backend.ts';
import type { CallsUnderWay } from './calls-under-way.ts';

/** The dispatcher answers with what the method's row says: its table of use cases is typed by the same rows. */
const isAnswer = <M extends MethodName>(answer: unknown): answer is Output<M> => typeof answer === 'object' && answer !== null;

/** The service of this process, for one caller. */
export class LocalBackend implements Backend {
  readonly worker: string | null;
  readonly #dispatch: Dispatch;
  readonly #caller: Caller;
  readonly #calls: CallsUnderWay;

  constructor(dispatch: Dispatch, caller: Caller, calls: CallsUnderWay) {
    this.#dispatch = dispatch;
    this.#caller = caller;
    this.#calls = calls;
    this.worker = caller.worker ?? null;
  }

  async call<M extends MethodName>(method: M, input: Given<M>, { signal }: CallOptions = {}): Promise<Output<M>> {
    const answer = await this.#calls.run(signal, (withdrawn) => this.#dispatch(method, input, { ...this.#caller, signal: withdrawn }));
    if (!isAnswer<M>(answer)) throw new TypeError(`${method} answered no object`);
    return answer;
  }

  as(worker: string): Backend {
    return new LocalBackend(this.#dispatch, { ...this.#caller, worker }, this.#calls);
  }
}
