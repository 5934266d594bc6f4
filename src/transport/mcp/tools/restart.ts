import * as z from 'zod';
import { ArgumentError } from '../argument-error.ts';
import type { Output } from '../../../protocol/methods.ts';
import { mutation } from '../arguments.ts';
import { tool } from '../tool.ts';

/** Tools that restart the service in its process, and tell how that goes. */

const reasons = ['configuration_update', 'schema_migration', 'error_recovery', 'manual_request', 'emergency_shutdown'] as const;

export const restartServer = tool({
  name: 'orchestrator_restart_server',
  title: 'Restart the service',
  description:
    'Drains, opens the store again and reads the roles again, in the process. Answers before it happens; orchestrator_restart_status tells how it went. Leases and tasks stay.',
  effect: 'ends',
  input: z.strictObject({
    graceful: z.boolean().default(true).describe('waits for what is in flight'),
    preserve_state: z.boolean().default(true).describe('always kept; false is refused'),
    timeout: z.int().min(10).max(300).default(30).describe('seconds, 10 to 300'),
    reason: z.enum(reasons).default('manual_request'),
    ...mutation,
  }),
  output: z.object({
    success: z.boolean(),
    phase: z.string(),
    graceful: z.boolean(),
    preserve_state: z.boolean(),
    timeout: z.int(),
    roles: z.int(),
    message: z.string(),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, { graceful, preserve_state: keep, timeout, reason, command_id: commandId }) {
    if (!keep) {
      throw ArgumentError.at(
        'preserve_state',
        'a restart never throws anything away',
        'leave it out; erase single tasks with orchestrator_delete_task and archive_instead false',
      );
    }
    const input = { graceful, timeoutMs: timeout * 1_000, reason, commandId, dryRun: false };
    const { restart, roles, repeated = false } = await backend.call('system.restart', input, { signal });
    return {
      data: {
        success: true,
        phase: restart?.phase ?? 'running',
        graceful,
        preserve_state: keep,
        timeout,
        roles,
        message: repeated
          ? `this command began a restart before: it is ${restart?.phase ?? 'over'}`
          : 'the service restarts after this answer',
        next_steps: ['see how it went with orchestrator_restart_status; connect again if you are cut off'],
      },
    };
  },
});

type Restart = NonNullable<Output<'system.restart'>['restart']>;

const phases = ['draining', 'closing', 'opening', 'done'] as const;

/** How many of its phases are behind it, in percent. One that was refused or failed is over. */
function progressOf({ phase }: Restart): number {
  const at = phases.findIndex((one) => one === phase);
  return at < 0 ? 100 : Math.round((at / (phases.length - 1)) * 100);
}

/** From how long the last one took; null when none is running or none went before. */
function completionOf(newest: Restart | undefined, history: readonly Restart[]): string | null {
  if (newest === undefined || newest.endedAt !== null) return null;
  const before = history.find(({ phase }) => phase === 'done')?.durationMs ?? null;
  return before === null ? null : new Date(Date.parse(newest.startedAt) + before).toISOString();
}

const row = z.object({
  phase: z.string(),
  reason: z.string(),
  by: z.string(),
  graceful: z.boolean(),
  started_at: z.string(),
  ended_at: z.string().nullable(),
  duration_ms: z.int().nullable(),
  error: z.string().nullable(),
});

export const restartStatus = tool({
  name: 'orchestrator_restart_status',
  title: 'See how a restart goes',
  description: 'The phase of the service now, and what became of its last restarts.',
  effect: 'reads',
  input: z.strictObject({ include_history: z.boolean().default(false), include_error_details: z.boolean().default(true) }),
  output: z.object({
    current_status: z.object({
      phase: z.string(),
      progress: z.int().describe('percent'),
      message: z.string(),
      started_at: z.string().nullable(),
      estimated_completion: z.string().nullable(),
      errors: z.array(z.string()),
      maintenance_mode: z.boolean(),
    }),
    history: z.array(row).optional(),
    timestamp: z.string(),
  }),
  async run({ backend, signal }, { include_history: wantsHistory, include_error_details: wantsErrors }) {
    const { restarts, ready, time } = await backend.call('system.health', {}, { signal });
    const history = restarts?.history ?? [];
    const [newest, ...older] = history;
    const errorOf = ({ error, phase }: Restart): string | null => (error === null || wantsErrors ? error : `the restart was ${phase}`);
    const error = newest === undefined ? null : errorOf(newest);
    return {
      data: {
        current_status: {
          phase: restarts?.phase ?? 'running',
          progress: newest === undefined ? 100 : progressOf(newest),
          message: newest === undefined ? 'the service was not restarted since it was started' : `the last restart is ${newest.phase}`,
          started_at: newest?.startedAt ?? null,
          estimated_completion: completionOf(newest, older),
          errors: error === null ? [] : [error],
          maintenance_mode: !ready,
        },
        ...(wantsHistory && {
          history: history.map((one) => ({
            phase: one.phase,
            reason: one.reason,
            by: one.by,
            graceful: one.graceful,
            started_at: one.startedAt,
            ended_at: one.endedAt,
            duration_ms: one.durationMs,
            error: errorOf(one),
          })),
        }),
        timestamp: time,
      },
    };
  },
});
