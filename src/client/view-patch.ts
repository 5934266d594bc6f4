import type { TaskEvent } from '../protocol/event.ts';
import type { Task } from '../protocol/task.ts';
import { isObject } from './guards.ts';
import type { Fields } from './guards.ts';

/** What an event says of its task, and what it leaves open. */
export interface Effect {
  /** Members with their new values, exact. */
  readonly exact: Map<keyof Task, unknown>;
  /** Members that changed, or may have, to what the event does not tell. */
  readonly open: Set<keyof Task>;
}

interface Rule {
  /** In the event's data, by the same name. */
  readonly told?: readonly (keyof Task)[];
  readonly nothing?: readonly (keyof Task)[];
  /** The time of the event. */
  readonly now?: readonly (keyof Task)[];
  readonly open?: readonly (keyof Task)[];
}

/** Whatever can change in a task's life at all, as opposed to being changed by an edit. */
const most = [
  ...(['attempt', 'failures', 'revision', 'feedback', 'progress', 'blocked', 'lease', 'notBefore', 'dependsOn', 'dependents'] as const),
  ...(['children', 'result', 'artifacts', 'notes', 'inputsChanged', 'startedAt', 'completedAt'] as const),
];
const anything: Rule = { open: most };
const free: Rule = { told: ['failures', 'notBefore'], nothing: ['lease'] };
const waits: Rule = { open: ['dependsOn', 'notBefore', 'inputsChanged'] };

const rules: Partial<Record<string, Rule>> = {
  'task.started': {
    told: ['attempt'],
    nothing: ['progress', 'blocked', 'notBefore'],
    now: ['startedAt'],
    open: ['lease', 'inputsChanged'],
  },
  'task.progressed': { told: ['progress'], open: ['lease'] },
  'task.saved': { open: ['lease', 'notBefore', 'result', 'artifacts', 'completedAt'] },
  'task.completed': { nothing: ['lease', 'notBefore'], now: ['completedAt'], open: ['result', 'artifacts', 'inputsChanged'] },
  'task.failed': { ...free, now: ['completedAt'] },
  'task.retry_scheduled': free,
  'task.lease_expired': free,
  'task.blocked': { nothing: ['lease', 'notBefore'], open: ['blocked', 'result', 'artifacts', 'completedAt'] },
  'task.answered': { open: ['blocked', 'failures', 'feedback'] },
  'task.unblocked': { nothing: ['blocked'], open: ['failures', 'feedback'] },
  'task.ready': { told: ['failures', 'notBefore'] },
  'task.due': { told: ['failures', 'notBefore'] },
  'task.cancelled': { nothing: ['lease', 'notBefore'], now: ['completedAt'], open: ['feedback'] },
  'task.edited': { told: ['title', 'priority', 'specialist'] },
  'task.noted': { open: ['notes'] },
  'dependency.changed': waits,
  'dependency.added': waits,
  'dependency.removed': waits,
  'dependency.waived': waits,
  'child.changed': { told: ['children'], open: ['notBefore', 'inputsChanged'] },
  'dependents.changed': { open: ['dependents'] },
};

const editedFields = (data: Fields): readonly (keyof Task)[] => {
  const named: readonly unknown[] = Array.isArray(data['fields']) ? data['fields'] : [];
  return editable.filter((field) => named.includes(field));
};
const editable = ['description', 'complexity', 'tags', 'acceptance', 'context', 'estimatedEffort', 'dueAt', 'maxAttempts'] as const;

function ruleOf(type: unknown, data: Fields, status: unknown): Rule {
  const rule = typeof type === 'string' ? rules[type] : undefined;
  if (rule === undefined) return anything;
  // By its children, whichever way that began.
  if (type === 'task.completed' && data['summary'] === undefined) return anything;
  // A finished parent can open for a child and be finished again in one step.
  if (type === 'child.changed' && (status === 'completed' || status === 'failed' || status === 'cancelled')) return anything;
  return type === 'task.edited' ? { ...rule, open: editedFields(data) } : rule;
}

/** What follows from the event; not `status`, `ready` and what is derived from them. */
export function effectOf({ type, time, data }: TaskEvent): Effect {
  const exact = new Map<keyof Task, unknown>([['updatedAt', time]]);
  const open = new Set<keyof Task>(['allowed']);
  const say = (field: keyof Task, value: unknown): void => {
    // Which of two came last is not known.
    if (value === undefined || exact.has(field)) open.add(field);
    else exact.set(field, value);
  };
  const take = (kind: unknown, part: Fields): void => {
    const rule = ruleOf(kind, part, data['status']);
    for (const field of rule.told ?? []) say(field, part[field]);
    for (const field of rule.nothing ?? []) say(field, null);
    for (const field of rule.now ?? []) say(field, time);
    for (const field of rule.open ?? []) open.add(field);
  };
  take(type, data);
  const facts: readonly unknown[] = Array.isArray(data['facts']) ? data['facts'] : [];
  for (const fact of facts) if (isObject(fact)) take(fact['type'], fact);
  return { exact, open };
}
