import { formatTime } from '../clock.ts';
import type { Handler } from './services.ts';

export const status: Handler<'system.status'> = async ({ store, system, figures, log, version, startedAt }) => {
  const { writable, problems, quarantined } = store.health();
  const { ready } = await store.counts();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    version,
    startedAt: formatTime(startedAt),
    uptimeMs: store.now() - startedAt,
    healthy: writable && problems.length === 0,
    store: { kind: store.kind, writable, problems: [...problems], quarantined },
    tasks: { ...figures.tallies.tasks },
    ready,
    methods: { ...figures.methods },
    actors: { hot: system.residents.size, limit: system.residents.limit },
    events: { windowEvents: log.end - log.first, position: log.head },
    eventLoop: figures.eventLoop,
    memory: { rssBytes: rss, heapUsedBytes: heapUsed },
  };
};
