import * as z from 'zod';
import { taskSummary } from '../../../protocol/task.ts';
import type { Status } from '../../../protocol/values.ts';
import { tool } from '../tool.ts';
import { now, row, rowOf } from '../views.ts';

/** How many tasks of each kind are shown by name; all are counted. */
const shown = 5;

export const getStatus = tool({
  name: 'orchestrator_get_status',
  title: 'See where everything stands',
  description: 'Counts of tasks, those that changed last by status, and the measured state of the service.',
  effect: 'reads',
  input: z.strictObject({ include_completed: z.boolean().default(false) }),
  output: z.object({
    status: z.string(),
    timestamp: z.string(),
    active_tasks: z.array(row),
    pending_tasks: z.array(row),
    failed_tasks: z.array(row),
    completed_tasks: z.array(row).nullable(),
    task_summary: z.object({ total_active: z.int(), total_pending: z.int(), total_completed: z.int(), total_failed: z.int() }),
    database_status: z.string(),
    system_status: z.object({ server_healthy: z.boolean(), maintenance_mode: z.boolean(), capabilities: z.array(z.string()) }),
    metrics: z.record(z.string(), z.unknown()),
    message: z.string(),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, { include_completed: completed }) {
    const status = await backend.call('system.status', {}, { signal });
    const newest = async (...wanted: Status[]) => {
      const { items } = await backend.call('task.list', { filter: { status: wanted }, sort: '-updated', limit: shown }, { signal });
      return items.map((item) => rowOf(taskSummary.parse(item)));
    };
    const count = (...names: Status[]): number => names.reduce((sum, name) => sum + (status.tasks[name] ?? 0), 0);
    const { store, ready, healthy } = status;
    return {
      data: {
        status: 'status_retrieved',
        timestamp: now(),
        active_tasks: await newest('in_progress'),
        pending_tasks: await newest('pending', 'blocked'),
        failed_tasks: await newest('failed'),
        completed_tasks: completed ? await newest('completed') : null,
        task_summary: {
          total_active: count('in_progress'),
          total_pending: count('pending', 'blocked'),
          total_completed: count('completed'),
          total_failed: count('failed'),
        },
        database_status: store.writable ? 'writable' : `not writable: ${store.problems.join('; ')}`,
        system_status: { server_healthy: healthy, maintenance_mode: !store.writable, capabilities: ['plan', 'execute', 'complete'] },
        metrics: {
          ready,
          blocked: count('blocked'),
          cancelled: count('cancelled'),
          uptime_ms: status.uptimeMs,
          event_loop_p99_ms: status.eventLoop.p99Ms,
        },
        message: `${ready} tasks are ready, ${count('in_progress')} are being worked on`,
        next_steps: [ready > 0 ? 'claim one with orchestrator_claim_task' : 'plan work with orchestrator_plan_task'],
      },
    };
  },
});
