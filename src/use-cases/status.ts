import { formatTime } from '../clock.ts';
import type { ListQuery } from '../persistence/store.ts';
import { statuses } from '../protocol/values.ts';
import type { Caller } from './caller.ts';
import type { Handler, Services } from './services.ts';

/** Of the tasks that the caller may see: a token of some projects learns nothing of how much there is in others. */
async function countsFor({ store }: Services, { projects }: Caller): Promise<{ tasks: Record<string, number>; ready: number }> {
  if (projects === null) {
    const { byStatus, ready } = await store.counts();
    return { tasks: { ...byStatus }, ready };
  }
  const count = async (filter: ListQuery['filter']): Promise<number> =>
    (await store.list({ filter, sort: 'created', limit: 0, count: true, projects })).total ?? 0;
  const tasks: Record<string, number> = {};
  for (const name of statuses) tasks[name] = await count({ status: [name] });
  return { tasks, ready: await count({ ready: true }) };
}

export const status: Handler<'system.status'> = async (services, _input, caller) => {
  const { store, system, figures, log, version, startedAt } = services;
  const { writable, problems, quarantined } = store.health();
  const { tasks, ready } = await countsFor(services, caller);
  const { rss, heapUsed } = process.memoryUsage();
  return {
    version,
    startedAt: formatTime(startedAt),
    uptimeMs: store.now() - startedAt,
    healthy: writable && problems.length === 0,
    store: { kind: store.kind, writable, problems: [...problems], quarantined },
    tasks,
    ready,
    methods: { ...figures.methods },
    actors: { hot: system.residents.size, limit: system.residents.limit },
    events: { windowEvents: log.end - log.first, position: log.head },
    eventLoop: figures.eventLoop,
    memory: { rssBytes: rss, heapUsedBytes: heapUsed },
  };
};
