import { formatTime } from '../clock.ts';
import type { EventLog } from '../actors/event-log.ts';
import type { Handler } from './services.ts';

/** Whether clients that saw everything up to either end of the window would miss nothing. */
function isResumable(log: EventLog): boolean {
  const oldest = log.since(log.positionAt(log.first));
  return oldest === log.first && log.since(log.head) === log.end;
}

export const health: Handler<'system.health'> = async ({ store, system, figures, log, host, version, startedAt }) => {
  const { writable, problems, quarantined } = store.health();
  const journal = store.figures()?.journal ?? null;
  const restarts = host?.restarts() ?? null;
  const { rss, heapUsed } = process.memoryUsage();
  const now = store.now();
  const phase = restarts?.phase ?? 'running';
  const reasons = [
    ...(writable ? [] : ['the store takes no commands']),
    ...problems,
    ...(phase === 'running' ? [] : [`the service is ${phase}`]),
  ];
  return {
    version,
    time: formatTime(now),
    startedAt: formatTime(startedAt),
    uptimeMs: now - startedAt,
    healthy: writable && problems.length === 0,
    ready: writable && phase === 'running',
    reasons,
    store: {
      kind: store.kind,
      writable,
      problems: [...problems],
      quarantined,
      journalBytes: journal?.bytes ?? null,
      waitingBytes: journal?.waitingBytes ?? null,
      failedCheckpoints: journal?.failedCheckpoints ?? null,
    },
    commands: { inFlight: system.inFlight },
    leases: { running: figures.tallies.tasks.in_progress },
    connections: host?.connections() ?? null,
    window: {
      events: log.end - log.first,
      limit: log.windowEvents,
      oldest: log.positionAt(log.first),
      newest: log.head,
      resumable: isResumable(log),
    },
    eventLoop: figures.eventLoop,
    memory: { rssBytes: rss, heapUsedBytes: heapUsed },
    restarts,
  };
};
