import type { TaskId } from '../ids.ts';
import type { TaskState } from '../machines/context.ts';
import type { Output } from '../protocol/methods.ts';
import { limits } from '../protocol/values.ts';
import { awaitPosition, readTask } from './access.ts';
import { summaryOf } from '../machines/readings.ts';
import { formatTime } from '../clock.ts';
import type { Handler, Services } from './services.ts';
import { loadAll } from './within.ts';
import type { Loaded } from './within.ts';

type Digest = Output<'task.synthesize'>;

/** The newest artifacts of a child that stand in the digest. */
const artifactsOfOne = 10;

const oneLine = (text: string): string => (text.length <= 500 ? text : `${text.slice(0, 500).toWellFormed()}…`);

/** The reason of a cancellation, or what the last attempt reported. */
function errorOf({ value, context }: TaskState): string | null {
  const { guidance, attempts, marks } = context;
  const reason = value === 'cancelled' ? guidance.findLast(({ kind, at }) => kind === 'reason' && at === marks.completedAt) : undefined;
  const error = reason?.text ?? attempts.at(-1)?.report ?? null;
  return error === null ? null : oneLine(error);
}

/** The figures of all children, page by page, so that any number of them can be told. */
class Totals {
  artifacts = 0;
  artifactBytes = 0;
  attempts = 0;
  startedAt: number | null = null;
  completedAt: number | null = null;
  readonly failed: Digest['failed'] = [];

  add({ id, record: { snapshot } }: Loaded, mostFailed: number): void {
    const { artifacts, attempt, marks, spec } = snapshot.context;
    this.artifacts += artifacts.length;
    for (const { bytes } of artifacts) this.artifactBytes += bytes;
    this.attempts += attempt;
    if (marks.startedAt !== null) this.startedAt = Math.min(this.startedAt ?? Infinity, marks.startedAt);
    if (marks.completedAt !== null) this.completedAt = Math.max(this.completedAt ?? 0, marks.completedAt);
    if ((snapshot.value !== 'failed' && snapshot.value !== 'cancelled') || this.failed.length >= mostFailed) return;
    this.failed.push({ taskId: id, title: spec.title, status: snapshot.value, error: errorOf(snapshot) });
  }
}

async function totalsOf(services: Services, parentId: TaskId, mostFailed: number): Promise<Totals> {
  const totals = new Totals();
  let cursor: string | undefined;
  do {
    const page = await services.store.list({ ...childrenOf(parentId), limit: limits.pageItems, cursor });
    for (const child of await loadAll(services, page.items)) totals.add(child, mostFailed);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return totals;
}

const childrenOf = (parentId: TaskId) => ({ filter: { parentId, includeArchived: true }, sort: 'created' }) as const;

export const synthesize: Handler<'task.synthesize'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  const { taskId, limit, cursor } = input;
  const { rev, snapshot } = await readTask(services, taskId, caller);
  const page = await services.store.list({ ...childrenOf(taskId), limit, cursor });
  const children = await loadAll(services, page.items);
  const totals = await totalsOf(services, taskId, limit);
  const { completed, failed, cancelled, open } = snapshot.context.children;
  const total = completed + failed + cancelled + open;
  const { startedAt, artifacts, artifactBytes, attempts } = totals;
  const completedAt = open > 0 ? null : totals.completedAt;
  return {
    task: summaryOf(taskId, rev, snapshot, services.paused.holds(snapshot)),
    finished: total > 0 && open === 0,
    outcomes: children.map(({ id, record: { snapshot: child } }) => ({
      taskId: id,
      title: child.context.spec.title,
      status: child.value,
      summary: child.context.result === null ? null : oneLine(child.context.result.summary),
      artifacts: child.context.artifacts.length,
    })),
    artifacts: children.flatMap(({ record }) => record.snapshot.context.artifacts.slice(-artifactsOfOne)).slice(0, limits.pageItems),
    failed: totals.failed,
    metrics: {
      total,
      completed,
      failed,
      cancelled,
      open,
      successRate: total - open === 0 ? null : completed / (total - open),
      artifacts,
      artifactBytes,
      attempts,
    },
    timeline: {
      startedAt: startedAt === null ? null : formatTime(startedAt),
      completedAt: completedAt === null ? null : formatTime(completedAt),
      durationMs: startedAt === null || completedAt === null ? null : completedAt - startedAt,
    },
    children: snapshot.context.children,
    nextCursor: page.next,
  };
};
