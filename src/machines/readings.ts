import { formatTime } from '../clock.ts';
import type { TaskId } from '../ids.ts';
import type { Task, TaskSummary } from '../protocol/task.ts';
import type { Stage, Status } from '../protocol/values.ts';
import type { DependencyEntry, Lease, TaskContext, TaskState } from './context.ts';

/** What follows from a task's state: derived here once, stored nowhere. */

/** The classes that other tasks hear about; a move inside one is nobody else's business. */
export type StatusClass = 'open' | 'completed' | 'failed' | 'cancelled' | 'archived';

export const openStatuses: readonly Status[] = ['pending', 'in_progress', 'blocked'];

export function classOf(status: Status): StatusClass {
  return status === 'pending' || status === 'in_progress' || status === 'blocked' ? 'open' : status;
}

/** Whether the entry can hold its task back at all. */
export function gates(entry: DependencyEntry): boolean {
  return entry.mandatory && !entry.waived && entry.kind !== 'related' && entry.kind !== 'blocks';
}

/** The entries that hold the task back now. */
export function unmet(context: TaskContext): readonly DependencyEntry[] {
  return context.dependsOn.filter((entry) => entry.status !== 'satisfied' && gates(entry));
}

export function dependenciesMet(context: TaskContext): boolean {
  for (const entry of context.dependsOn) if (entry.status !== 'satisfied' && gates(entry)) return false;
  return true;
}

export function childTotal(context: TaskContext): number {
  const { open, completed, failed, cancelled } = context.children;
  return open + completed + failed + cancelled;
}

/** When the holder was heard of last: it claimed the task, or reported progress. */
export const heardAt = ({ expiresAt, lengthMs }: Lease): number => expiresAt - lengthMs;

/** Executable now. A pause after a failure ends by a TIMER, or by the fact that made the task executable. */
export function isReady({ value, context }: TaskState): boolean {
  return value === 'pending' && context.notBefore === null && context.children.open === 0 && dependenciesMet(context);
}

/** When time alone has something to say to the task: the earliest of lease, pause and due date. */
export function dueAtOf({ value, context }: TaskState): number | null {
  if (classOf(value) !== 'open') return null;
  let due: number | null = null;
  const consider = (at: number | null) => {
    if (at !== null && (due === null || at < due)) due = at;
  };
  if (value === 'in_progress' && context.lease !== null) consider(context.lease.expiresAt);
  // A pause that ends while something else holds the task back changes nothing; the fact that frees it will clear it.
  if (value === 'pending' && context.children.open === 0 && dependenciesMet(context)) consider(context.notBefore);
  if (context.spec.dueAt !== context.marks.dueAnnounced) consider(context.spec.dueAt);
  return due;
}

function stageOf(state: TaskState, held: boolean): Stage {
  const { value, context } = state;
  if (value === 'completed') return 'done';
  if (value === 'failed' || value === 'cancelled' || value === 'archived') return 'closed';
  if (value === 'blocked') return 'blocked';
  const synthesis = childTotal(context) > 0 && context.children.open === 0;
  if (value === 'in_progress') return synthesis ? 'synthesis' : 'underway';
  if (!held && isReady(state)) return synthesis ? 'synthesis' : 'ready';
  // A parent never leaves pending while its children work; that it is underway is derived.
  return childTotal(context) > context.children.open ? 'underway' : 'waiting';
}

const titleBytes = 96;
const encoder = new TextEncoder();

const jsonBytes = (text: string): number => encoder.encode(JSON.stringify(text)).length - 2;

/** Cuts at a character so that the title's JSON stays within the summary's bound. */
function clip(title: string): string {
  if (title.length * 6 <= titleBytes || jsonBytes(title) <= titleBytes) return title;
  let bytes = 0;
  let out = '';
  for (const character of title) {
    bytes += jsonBytes(character);
    if (bytes > titleBytes - 3) break;
    out += character;
  }
  return `${out}…`;
}

/**
 * A row of a list, at most 400 bytes of JSON.
 * @param held whether its session keeps the task from being executed
 */
export function summaryOf(id: TaskId, rev: number, state: TaskState, held: boolean): TaskSummary {
  const { spec, attempt, marks } = state.context;
  return {
    id,
    rootId: spec.rootId,
    parentId: spec.parentId,
    title: clip(spec.title),
    status: state.value,
    ready: !held && isReady(state),
    type: spec.type,
    specialist: spec.specialist.slice(0, 32),
    priority: spec.priority,
    attempt,
    rev,
    updatedAt: formatTime(marks.updatedAt),
  };
}

const when = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));

/**
 * The task as the wire shows it. `allowed` comes from the machine's rows.
 * @param held whether its session keeps the task from being executed
 */
export function wireOf(id: TaskId, rev: number, state: TaskState, allowed: readonly string[], held: boolean): Task {
  const { context, value } = state;
  const { spec, marks, lease } = context;
  const feedback = context.guidance.findLast((entry) => entry.kind === 'feedback');
  return {
    id,
    externalId: spec.externalId,
    project: spec.project,
    sessionId: spec.sessionId,
    rootId: spec.rootId,
    parentId: spec.parentId,
    position: spec.position,
    title: spec.title,
    description: spec.description,
    type: spec.type,
    specialist: spec.specialist,
    complexity: spec.complexity,
    priority: spec.priority,
    tags: [...spec.tags],
    acceptance: [...spec.acceptance],
    review: spec.review,
    reviewId: spec.reviewId,
    reviewOf: spec.reviewOf,
    rollUp: spec.rollUp,
    context: spec.context,
    estimatedEffort: spec.estimatedEffort,
    dueAt: when(spec.dueAt),
    status: value,
    stage: stageOf(state, held),
    ready: !held && isReady(state),
    attempt: context.attempt,
    failures: context.failures,
    maxAttempts: spec.maxAttempts,
    revision: context.revision,
    feedback: feedback?.text ?? null,
    progress: context.progress,
    blocked: context.blocked,
    lease: lease === null || lease.expired ? null : { id: lease.id, holder: lease.holder, expiresAt: formatTime(lease.expiresAt) },
    notBefore: when(context.notBefore),
    dependsOn: context.dependsOn.map(({ id: on, via, ...entry }) => ({ taskId: on, ...entry, via: [...via] })),
    dependents: context.dependents.direct.length,
    children: context.children,
    result: context.result === null ? null : { summary: context.result.summary, filePaths: [...context.result.filePaths] },
    artifacts: [...context.artifacts],
    notes: context.notes.length,
    inputsChanged: marks.inputsChanged,
    allowed: [...allowed],
    rev,
    createdAt: formatTime(spec.createdAt),
    createdBy: spec.createdBy,
    updatedAt: formatTime(marks.updatedAt),
    startedAt: when(marks.startedAt),
    completedAt: when(marks.completedAt),
  };
}
