import { formatTime } from '../clock.ts';
import type { TaskId } from '../ids.ts';
import type { TaskState } from '../machines/context.ts';
import { classOf, heardAt, unmet } from '../machines/readings.ts';
import type { TaskRecord } from '../persistence/store.ts';
import type { Output } from '../protocol/methods.ts';
import { asLine } from '../specialists/quotation.ts';
import type { Services } from './services.ts';
import type { Loaded } from './within.ts';

/** Why a task does not go on, read from its record and its parent's. */

export type Finding = Output<'maintenance.scan'>['items'][number];

const hourMs = 3_600_000;
/** Of a role that was taken away. */
const usualHours = 24;
const detailLength = 300;

export const clipped = (text: string, length = detailLength): string => {
  const line = asLine(text);
  return line.length <= length ? line : `${line.slice(0, length).toWellFormed()}…`;
};

export const hoursOf = (ms: number): number => Math.round((ms / hourMs) * 100) / 100;

/** After how many hours without a word the task's work counts as stale. */
function limitOf({ roles }: Services, { context }: TaskState, given: number | undefined): number {
  return given ?? roles.get(context.spec.specialist)?.staleHours ?? usualHours;
}

/** The last report of the task's last attempt. */
export const reportOf = ({ context }: TaskState): string | null => context.progress?.message ?? context.attempts.at(-1)?.report ?? null;

/** The holder of a lease that was not heard of for longer than its role allows; null for everyone else. */
export function staleSince(services: Services, { snapshot }: TaskRecord, now: number, given?: number): number | null {
  const { lease } = snapshot.context;
  if (snapshot.value !== 'in_progress' || lease === null) return null;
  const since = heardAt(lease);
  return now - since >= limitOf(services, snapshot, given) * hourMs ? since : null;
}

/** When the task was blocked: notes and facts have touched it since. */
async function blockedAt({ store }: Services, id: TaskId, { context }: TaskState): Promise<number> {
  const { items } = await store.history(id, { limit: 200 });
  const event = items.findLast(({ data }) => data['status'] === 'blocked' && data['from'] !== undefined);
  return event === undefined ? context.marks.updatedAt : Date.parse(event.time);
}

/** What is gone that the task hangs on, in words. */
export async function orphanedBy(services: Services, { record: { snapshot } }: Loaded): Promise<string | null> {
  if (classOf(snapshot.value) !== 'open') return null;
  const { parentId, sessionId } = snapshot.context.spec;
  const parent = parentId === null ? null : ((await services.store.load([parentId])).get(parentId) ?? 'missing');
  if (parent === 'missing') return `its parent ${parentId} is missing`;
  if (parent !== null && classOf(parent.snapshot.value) !== 'open') return `its parent ${parentId} is ${parent.snapshot.value}`;
  const isGone = sessionId !== null && !(await services.store.load([sessionId])).has(sessionId);
  return isGone ? `its session ${sessionId} is gone` : null;
}

/** At most one finding for a task: the first that applies. */
export async function findingOf(services: Services, task: Loaded, now: number, given?: number): Promise<Finding | null> {
  const { id, record } = task;
  const { snapshot } = record;
  const { spec, lease, blocked, marks, attempts } = snapshot.context;
  const limitHours = limitOf(services, snapshot, given);
  const tell = (kind: Finding['kind'], since: number, detail: string, limit: number | null = null): Finding => ({
    taskId: id,
    rootId: spec.rootId,
    title: clipped(spec.title, 120),
    kind,
    status: snapshot.value,
    specialist: spec.specialist,
    since: formatTime(since),
    hours: hoursOf(now - since),
    limitHours: limit,
    holder: lease?.holder ?? attempts.at(-1)?.holder ?? null,
    detail: clipped(detail),
  });
  const orphaned = await orphanedBy(services, task);
  if (orphaned !== null) return tell('orphaned', marks.updatedAt, orphaned);
  const stale = staleSince(services, record, now, given);
  if (stale !== null) return tell('stale', stale, `last report: ${reportOf(snapshot) ?? 'none'}`, limitHours);
  if (snapshot.value === 'failed')
    return tell('failed', marks.completedAt ?? marks.updatedAt, reportOf(snapshot) ?? 'nothing was reported');
  if (snapshot.value === 'blocked') {
    const since = await blockedAt(services, id, snapshot);
    if (now - since < limitHours * hourMs) return null;
    const { question = null, reason = null } = blocked ?? {};
    return tell(question === null ? 'blocked' : 'unanswered', since, question ?? reason ?? '', limitHours);
  }
  const failed = snapshot.value === 'pending' ? unmet(snapshot.context).filter(({ status }) => status === 'failed') : [];
  if (failed.length === 0) return null;
  return tell('stuck', marks.updatedAt, `waits for ${failed.map((entry) => `${entry.id} (${entry.reason ?? 'failed'})`).join(', ')}`);
}
