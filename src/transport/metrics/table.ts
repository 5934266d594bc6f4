import type { Distribution } from '../../distribution.ts';
import { eventTypes } from '../../protocol/event.ts';
import type { JournalFigures, StoreFigures } from '../../persistence/store.ts';
import type { Services } from '../../use-cases/services.ts';
import type { Traffic } from '../ws/traffic.ts';

/** Where the figures come from; they are kept anyway, and read when somebody asks for metrics. */
export interface Measured {
  readonly services: Services;
  readonly http: { readonly refused: ReadonlyMap<number, number> };
  readonly ws: { readonly connections: number; readonly traffic: Traffic };
  readonly inspect: { readonly inspectors: number };
}

/** Of bounded cardinality: methods, reasons, statuses, types and codes; never an id, a project or a worker. */
export type Labels = Readonly<Record<string, string>>;
type Sample<V> = readonly [labels: Labels, value: V];

interface Row<T extends string, V> {
  readonly type: T;
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (measured: Measured) => readonly Sample<V>[];
}
export type NumberRow = Row<'counter' | 'gauge', number>;
export type DistributionRow = Row<'histogram', Distribution>;

const one = <V>(value: V): readonly Sample<V>[] => [[{}, value]];

/** A sample for each member of a record or map. */
function each<V>(label: string, entries: Iterable<readonly [string | number, V]>): readonly Sample<V>[] {
  return [...entries].map(([key, value]) => [{ [label]: String(key) }, value]);
}

/** Nothing for a store without a disk. */
function ofStore<V>({ services }: Measured, read: (figures: StoreFigures) => V): readonly Sample<V>[] {
  const figures = services.store.figures();
  return figures === null ? [] : one(read(figures));
}

/** Nothing for a store without a journal. */
function ofJournal<V>({ services }: Measured, read: (figures: JournalFigures) => V): readonly Sample<V>[] {
  const journal = services.store.figures()?.journal ?? null;
  return journal === null ? [] : one(read(journal));
}

export const rows: readonly (NumberRow | DistributionRow)[] = [
  {
    type: 'counter',
    name: 'commands_total',
    help: 'Requests answered by a method, by the reason of their refusal, ok for none; unknown is every method that there is not.',
    labels: ['method', 'reason'],
    read: ({ services }) =>
      [...services.figures.answers].flatMap(([method, { reasons }]) =>
        [...reasons].map(([reason, count]) => [{ method, reason }, count] as const),
      ),
  },
  {
    type: 'histogram',
    name: 'command_seconds',
    help: 'Time of requests from method to answer; task.claim waits for work if its caller likes.',
    labels: ['method'],
    read: ({ services }) => [...services.figures.answers].map(([method, { seconds }]) => [{ method }, seconds] as const),
  },
  {
    type: 'counter',
    name: 'requests_refused_total',
    help: 'Requests refused before they came to a method: unreadable, without hello, too many.',
    labels: ['reason'],
    read: ({ ws }) => each('reason', ws.traffic.refused),
  },
  {
    type: 'counter',
    name: 'http_refused_total',
    help: 'HTTP requests and WebSocket upgrades that were refused, by status.',
    labels: ['status'],
    read: ({ http }) => each('status', http.refused),
  },
  {
    type: 'gauge',
    name: 'commands_in_flight',
    help: 'Commands that are not answered yet.',
    labels: [],
    read: ({ services }) => one(services.system.inFlight),
  },
  {
    type: 'gauge',
    name: 'tasks',
    help: 'Tasks by status.',
    labels: ['status'],
    read: ({ services }) => each('status', Object.entries(services.figures.tallies.tasks)),
  },
  {
    type: 'counter',
    name: 'events_total',
    help: 'Events that became durable, by type.',
    labels: ['type'],
    read: ({ services }) => eventTypes.map((type) => [{ type }, services.figures.tallies.events[type] ?? 0] as const),
  },
  {
    type: 'counter',
    name: 'transitions_total',
    help: 'Changes of status that became durable.',
    labels: ['from', 'to'],
    read: ({ services }) =>
      Object.values(services.figures.tallies.transitions).map(({ from, to, count }) => [{ from, to }, count] as const),
  },
  {
    type: 'histogram',
    name: 'commit_seconds',
    help: 'Time of units from the store taking them to their being durable.',
    labels: [],
    read: (measured) => ofStore(measured, ({ commits }) => commits),
  },
  {
    type: 'histogram',
    name: 'commit_batch_units',
    help: 'Units that became durable together.',
    labels: [],
    read: (measured) => ofStore(measured, ({ batches }) => batches),
  },
  {
    type: 'gauge',
    name: 'journal_bytes',
    help: 'Size of the journal that is written.',
    labels: [],
    read: (measured) => ofJournal(measured, ({ bytes }) => bytes),
  },
  {
    type: 'gauge',
    name: 'artifacts_waiting_bytes',
    help: 'Content of artifacts that waits in memory for a pack; it is durable in a journal.',
    labels: [],
    read: (measured) => ofJournal(measured, ({ waitingBytes }) => waitingBytes),
  },
  {
    type: 'histogram',
    name: 'checkpoint_seconds',
    help: 'Time of checkpoints that succeeded.',
    labels: [],
    read: (measured) => ofJournal(measured, ({ checkpoints }) => checkpoints),
  },
  {
    type: 'counter',
    name: 'checkpoint_failures_total',
    help: 'Checkpoints that failed; each is tried again.',
    labels: [],
    read: (measured) => ofJournal(measured, ({ failedCheckpoints }) => failedCheckpoints),
  },
  {
    type: 'gauge',
    name: 'store_writable',
    help: '1 while commands are taken and become durable, else 0.',
    labels: [],
    read: ({ services }) => one(services.store.health().writable ? 1 : 0),
  },
  {
    type: 'gauge',
    name: 'store_problems',
    help: 'What is wrong with the store; system.status has it in words.',
    labels: [],
    read: ({ services }) => one(services.store.health().problems.length),
  },
  { type: 'gauge', name: 'inspectors', help: 'Open connections of /inspect.', labels: [], read: ({ inspect }) => one(inspect.inspectors) },
  { type: 'gauge', name: 'connections', help: 'Open WebSocket connections.', labels: [], read: ({ ws }) => one(ws.connections) },
  {
    type: 'counter',
    name: 'connections_closed_total',
    help: 'Connections that the service closed, by close code; 4410 are consumers that were too slow.',
    labels: ['code'],
    read: ({ ws }) => each('code', ws.traffic.closed),
  },
  {
    type: 'counter',
    name: 'events_delivered_total',
    help: 'Events written into sockets, once for each subscription.',
    labels: [],
    read: ({ ws }) => one(ws.traffic.delivered),
  },
  {
    type: 'histogram',
    name: 'event_lag_seconds',
    help: 'Time from an event being durable to its being written into sockets: the oldest of each write, without replays.',
    labels: [],
    read: ({ ws }) => one(ws.traffic.lag),
  },
  {
    type: 'counter',
    name: 'resumes_total',
    help: 'Subscriptions from a position on: resumed without a gap, or gone from the window.',
    labels: ['outcome'],
    read: ({ ws: { traffic } }) =>
      each('outcome', [
        ['resumed', traffic.resumed],
        ['gone', traffic.gone],
      ]),
  },
  {
    type: 'gauge',
    name: 'event_loop_delay_seconds',
    help: 'Delay of the event loop since the start, by quantile.',
    labels: ['quantile'],
    read: ({ services }) => {
      const { p50Ms, p99Ms } = services.figures.eventLoop;
      return each('quantile', [
        ['0.5', p50Ms / 1e3],
        ['0.99', p99Ms / 1e3],
      ]);
    },
  },
];
