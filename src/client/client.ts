import type { EventFilter } from '../protocol/event.ts';
import type { MethodName, Output } from '../protocol/methods.ts';
import type { TaskId } from '../ids.ts';
import type { Task } from '../protocol/task.ts';
import { iterate } from './iterate.ts';
import type { EventItem, EventsOptions } from './iterate.ts';
import type { Asked, CallOptions, Link, LinkOptions } from './link.ts';
import type { Run } from './run.ts';
import type { LiveView } from './view.ts';
import type { ViewOptions } from './view-options.ts';
import type { Handler, Worker, WorkFilter, WorkOptions } from './work.ts';

export interface ConnectOptions extends Pick<LinkOptions, 'worker' | 'giveUpMs' | 'patienceMs' | 'onState'> {
  /** Of the service, as it prints it: `ws://host:port/ws`; `http://host:port` is the same. */
  readonly url: string;
  /** A function is asked before every connection. */
  readonly token: string | (() => string | Promise<string>);
  /** What the service's log calls this program. */
  readonly client?: LinkOptions['client'] | undefined;
  /** How long calls wait for their answers, unless told otherwise. Default: as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

/** The table of methods in groups; those of `events` are what `Client.events` does. */
type Group<M extends MethodName = MethodName> = M extends `${infer G}.${string}` ? Exclude<G, 'events'> : never;
type NamesOf<G extends Group> = Extract<MethodName, `${G}.${string}`> extends `${G}.${infer N}` ? N : never;
/** Whether none of the params is needed. Those that are always empty have any name as a key. */
type IsFree<M extends MethodName> = string extends keyof Asked<M> ? true : Partial<Asked<M>> extends Asked<M> ? true : false;
type Method<M extends MethodName> =
  IsFree<M> extends true
    ? (params?: Asked<M>, options?: CallOptions) => Promise<Output<M>>
    : (params: Asked<M>, options?: CallOptions) => Promise<Output<M>>;
type Methods<G extends Group> = {
  readonly [N in NamesOf<G>]: `${G}.${N}` extends MethodName ? Method<`${G}.${N}`> : never;
};

/** Where to go and how, for a link. */
export const linkOptions = ({
  url,
  token,
  client,
  worker,
  giveUpMs,
  patienceMs,
  onState,
}: ConnectOptions): Omit<LinkOptions, 'openSocket'> => ({
  address: async () => ({
    url: url.replace(/^http/, 'ws').replace(/(\/ws)?\/?$/, '/ws'),
    token: typeof token === 'string' ? token : await token(),
  }),
  client: client ?? { name: 'troupe/client', version: '1' },
  worker,
  giveUpMs,
  patienceMs,
  onState,
});

const isMethod = (name: string): name is MethodName => /^\w+\.\w+$/.test(name);

/** Every name is a method: the types know which there are, and the service refuses all others. */
function methodsOf<G extends Group>(group: G, link: Link, defaults: CallOptions): Methods<G>;
function methodsOf(group: string, link: Link, defaults: CallOptions): object {
  return new Proxy(
    {},
    {
      get(_, key) {
        const name = `${group}.${String(key)}`;
        // A promise is what has a `then`.
        if (key === 'then' || !isMethod(name)) return undefined;
        return (params: Asked<MethodName> = {}, options?: CallOptions) => link.call(name, params, { ...defaults, ...options });
      },
    },
  );
}

type Starting = Pick<Asked<'task.execute'>, 'leaseMs' | 'contextBytes' | 'commandId'> & CallOptions;

/** Their code is loaded when it is first needed: who only looks never needs it. */
const runs = () => import('./work.ts');

/** A service of Troupe, from afar: the methods of the protocol in their groups, runs, events, live views and workers. */
export class Client {
  /** What everything here goes over. */
  readonly link: Link;
  readonly task: Methods<'task'>;
  readonly dependency: Methods<'dependency'>;
  readonly artifact: Methods<'artifact'>;
  readonly session: Methods<'session'>;
  readonly specialist: Methods<'specialist'>;
  readonly template: Methods<'template'>;
  readonly machine: Methods<'machine'>;
  readonly inspection: Methods<'inspection'>;
  readonly maintenance: Methods<'maintenance'>;
  readonly system: Methods<'system'>;

  constructor(link: Link, { timeoutMs }: Pick<CallOptions, 'timeoutMs'> = {}) {
    this.link = link;
    const of = <G extends Group>(group: G): Methods<G> => methodsOf(group, link, { timeoutMs });
    this.task = of('task');
    this.dependency = of('dependency');
    this.artifact = of('artifact');
    this.session = of('session');
    this.specialist = of('specialist');
    this.template = of('template');
    this.machine = of('machine');
    this.inspection = of('inspection');
    this.maintenance = of('maintenance');
    this.system = of('system');
  }

  /** Executes a task: the run holds its lease. */
  async execute(taskId: TaskId, { signal, timeoutMs, ...given }: Starting = {}): Promise<Run> {
    const { Run: Started } = await runs();
    return new Started(this.link, await this.link.call('task.execute', { ...given, taskId }, { signal, timeoutMs }));
  }

  /** Executes the next task that is ready, waiting up to `waitMs` for one. Rejects with NOTHING_READY. */
  async claim(
    filter: WorkFilter = {},
    { signal, timeoutMs, ...given }: Starting & { readonly waitMs?: number | undefined } = {},
  ): Promise<Run> {
    const { Run: Started } = await runs();
    return new Started(this.link, await this.link.call('task.claim', { ...given, filter }, { signal, timeoutMs }));
  }

  /** Begins to claim tasks and to hand them to the handler, until it is stopped. */
  async work(filter: WorkFilter, handler: Handler, options?: WorkOptions): Promise<Worker> {
    const { Worker: Started } = await runs();
    return new Started(this.link, filter, handler, options);
  }

  /** Every event from the first `next` on, over any number of connections: none twice, and none missed without saying so. */
  events(filter: EventFilter = {}, options: EventsOptions = {}): AsyncGenerator<EventItem, void, undefined> {
    return iterate(this.link, filter, options);
  }

  /** The tasks of a filter as a live map. */
  async view<F extends keyof Task>(options: ViewOptions<F>): Promise<LiveView<F>> {
    const { LiveView: View } = await import('./view.ts');
    return new View(this.link, options);
  }

  /** Ends the connection; what waits is rejected with CANCELLED. */
  close(): Promise<void> {
    return this.link.close();
  }
}
