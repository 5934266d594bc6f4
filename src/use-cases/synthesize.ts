import type { TaskState } from '../machines/context.ts';
import { awaitPosition, readTask } from './access.ts';
import { childrenOf } from './execution.ts';
import { summaryOf } from '../machines/readings.ts';
import { formatTime } from '../clock.ts';
import type { Handler } from './services.ts';

const oneLine = (text: string): string => (text.length <= 500 ? text : `${text.slice(0, 500).toWellFormed()}…`);

/** The reason of a cancellation, or what the last attempt reported. */
function errorOf({ value, context }: TaskState): string | null {
  const { guidance, attempts, marks } = context;
  const reason = value === 'cancelled' ? guidance.findLast(({ kind, at }) => kind === 'reason' && at === marks.completedAt) : undefined;
  return reason?.text ?? attempts.at(-1)?.report ?? null;
}

export const synthesize: Handler<'task.synthesize'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  const { rev, snapshot } = await readTask(services, input.taskId, caller);
  const children = await childrenOf(services, input.taskId);
  const { completed, failed, cancelled, open } = snapshot.context.children;
  const total = completed + failed + cancelled + open;
  const starts = children.flatMap(({ record }) => record.snapshot.context.marks.startedAt ?? []);
  const ends = children.flatMap(({ record }) => record.snapshot.context.marks.completedAt ?? []);
  const startedAt = starts.length === 0 ? null : Math.min(...starts);
  const completedAt = open > 0 || ends.length === 0 ? null : Math.max(...ends);
  return {
    task: summaryOf(input.taskId, rev, snapshot, services.paused.holds(snapshot)),
    finished: total > 0 && open === 0,
    outcomes: children.map(({ id, record: { snapshot: child } }) => ({
      taskId: id,
      title: child.context.spec.title,
      status: child.value,
      summary: child.context.result === null ? null : oneLine(child.context.result.summary),
    })),
    artifacts: children.flatMap(({ record }) => [...record.snapshot.context.artifacts]),
    failed: children
      .filter(({ record }) => record.snapshot.value === 'failed' || record.snapshot.value === 'cancelled')
      .map(({ id, record: { snapshot: child } }) => ({
        taskId: id,
        title: child.context.spec.title,
        status: child.value,
        error: errorOf(child),
      })),
    metrics: { total, completed, failed, cancelled, open, successRate: total - open === 0 ? null : completed / (total - open) },
    timeline: {
      startedAt: startedAt === null ? null : formatTime(startedAt),
      completedAt: completedAt === null ? null : formatTime(completedAt),
      durationMs: startedAt === null || completedAt === null ? null : completedAt - startedAt,
    },
    children: snapshot.context.children,
  };
};
