import * as z from 'zod';
import { TroupeError } from '../../../errors.ts';
import type { Output } from '../../../protocol/methods.ts';
import { sessionId } from '../arguments.ts';
import type { Backend, CallOptions } from '../backend.ts';
import { tool } from '../tool.ts';

/** Tools for the process: its health, and its restart. What they tell was measured for the answer. */

type Health = Output<'system.health'>;

const healthOf = (backend: Backend, options: CallOptions): Promise<Health> => backend.call('system.health', {}, options);

const record = z.record(z.string(), z.unknown());
const on = z.boolean().default(true);

interface Readiness {
  readonly ready: boolean;
  readonly issues: string[];
  readonly details: Record<string, unknown>;
}

/** Asks for a restart without making it: that finds broken roles, too. A token that may not restart is told what health tells. */
async function restartReadiness(backend: Backend, { ready, reasons, restarts }: Health, options: CallOptions): Promise<Readiness> {
  const issues = [...reasons];
  const details: Record<string, unknown> = { phase: restarts?.phase ?? null };
  try {
    details['roles'] = (await backend.call('system.restart', { dryRun: true }, options)).roles;
  } catch (error) {
    if (!(error instanceof TroupeError) || (error.reason !== 'FORBIDDEN' && error.reason !== 'RESTART_REFUSED')) throw error;
    issues.push(error.message);
  }
  return { ready: ready && issues.length === 0, issues, details };
}

const databaseOf = ({ store }: Health) => ({
  connected: store.writable,
  status: store.writable && store.problems.length === 0 ? 'healthy' : store.writable ? 'degraded' : 'takes no commands',
  kind: store.kind,
  problems: store.problems,
  quarantined: store.quarantined,
  journal_bytes: store.journalBytes,
});

const connectionsOf = ({ connections, ready }: Health) => ({
  active_connections: connections?.open ?? 0,
  subscriptions: connections?.subscriptions ?? 0,
  status: connections === null ? 'no transport' : ready ? 'accepting' : 'not accepting',
});

export const healthCheck = tool({
  name: 'orchestrator_health_check',
  title: 'Measure the health of the service',
  description: 'Whether the service takes work and could be restarted, and why not. active_connections are WebSocket connections.',
  effect: 'reads',
  input: z.strictObject({ include_reboot_readiness: on, include_connection_status: on, include_database_status: on }),
  output: z.object({
    healthy: z.boolean(),
    timestamp: z.string(),
    server_version: z.string(),
    checks: z.object({ reboot_readiness: record.optional(), database: record.optional(), connections: record.optional() }),
    reasons: z.array(z.string()),
    metrics: record,
  }),
  async run({ backend, signal }, args) {
    const health = await healthOf(backend, { signal });
    const { uptimeMs, memory, eventLoop, commands, leases } = health;
    return {
      data: {
        healthy: health.healthy,
        timestamp: health.time,
        server_version: health.version,
        checks: {
          ...(args.include_reboot_readiness && { reboot_readiness: { ...(await restartReadiness(backend, health, { signal })) } }),
          ...(args.include_database_status && { database: databaseOf(health) }),
          ...(args.include_connection_status && { connections: connectionsOf(health) }),
        },
        reasons: health.reasons,
        metrics: {
          uptime_ms: uptimeMs,
          rss_bytes: memory.rssBytes,
          event_loop_p99_ms: eventLoop.p99Ms,
          commands_in_flight: commands.inFlight,
          tasks_running: leases.running,
        },
      },
    };
  },
});

export const shutdownPrepare = tool({
  name: 'orchestrator_shutdown_prepare',
  title: 'See whether the service can be stopped',
  description: 'What a stop or restart would meet. Tasks that are being worked on do not block it: their leases outlive it.',
  effect: 'reads',
  input: z.strictObject({ check_active_tasks: on, check_database_state: on, check_client_connections: on }),
  output: z.object({
    ready_for_shutdown: z.boolean(),
    blocking_issues: z.array(z.string()),
    checks: z.object({ active_tasks: record.optional(), database: record.optional(), client_connections: record.optional() }),
    details: record,
    timestamp: z.string(),
  }),
  async run({ backend, signal }, args) {
    const health = await healthOf(backend, { signal });
    const { store, commands, leases, restarts, connections } = health;
    const phase = restarts?.phase ?? null;
    // What a worker holds is safe when it is on disk.
    const durable = store.writable && store.problems.length === 0;
    const blocking = [
      ...(args.check_database_state ? [...(store.writable ? [] : ['the store takes no commands']), ...store.problems] : []),
      ...(args.check_active_tasks && !durable && leases.running > 0
        ? [`the leases of ${leases.running} running tasks may not be on disk`]
        : []),
      ...(phase === null || phase === 'running' ? [] : [`the service is ${phase}`]),
    ];
    return {
      data: {
        ready_for_shutdown: blocking.length === 0,
        blocking_issues: blocking,
        checks: {
          ...(args.check_active_tasks && {
            active_tasks: { count: leases.running, suspendable: durable, status: leases.running === 0 ? 'none' : 'leases are kept' },
          }),
          ...(args.check_database_state && {
            database: {
              transactions_pending: commands.inFlight,
              connections_open: store.writable ? 1 : 0,
              status: databaseOf(health).status,
              waiting_bytes: store.waitingBytes,
            },
          }),
          ...(args.check_client_connections && {
            client_connections: { ...connectionsOf(health), closed_before: connections?.closed ?? {} },
          }),
        },
        details: { phase, uptime_ms: health.uptimeMs, reasons: health.reasons },
        timestamp: health.time,
      },
    };
  },
});

export const reconnectTest = tool({
  name: 'orchestrator_reconnect_test',
  title: 'Test coming back',
  description:
    'Whether a client that lost its connection would miss nothing, looked up now; with session_id, whether its session is there.',
  effect: 'reads',
  input: z.strictObject({ session_id: sessionId.optional(), include_buffer_status: on, include_reconnection_stats: on }),
  output: z.object({
    test_completed: z.boolean(),
    timestamp: z.string(),
    overall_status: z.string(),
    results: z.object({ resumable: z.boolean(), session: record.optional(), buffer: record.optional(), reconnections: record.optional() }),
  }),
  async run({ backend, signal }, args) {
    const { session_id: id, include_buffer_status: buffer, include_reconnection_stats: stats } = args;
    const { window, connections, restarts, ready, time } = await healthOf(backend, { signal });
    const session = id === undefined ? null : (await backend.call('session.get', { sessionId: id }, { signal })).session;
    return {
      data: {
        test_completed: true,
        timestamp: time,
        overall_status: window.resumable && ready ? 'passed' : 'failed',
        results: {
          resumable: window.resumable,
          ...(session !== null && { session: { session_id: session.id, status: session.status, ready_tasks: session.ready } }),
          ...(buffer && { buffer: { events: window.events, limit: window.limit, oldest: window.oldest, newest: window.newest } }),
          ...(stats && {
            reconnections: {
              resumed: connections?.resumed ?? 0,
              had_to_list_again: connections?.gone ?? 0,
              closed_by_code: connections?.closed ?? {},
              restarts: restarts?.history.length ?? 0,
            },
          }),
        },
      },
    };
  },
});
