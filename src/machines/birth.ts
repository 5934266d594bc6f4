import type { DependencyEntry, TaskContext, TaskSpec } from './context.ts';

/** Every new task begins with the same nothing: contexts are replaced, never changed, so it can be shared. */
const none: readonly never[] = Object.freeze([]);
const nobody: TaskContext['dependents'] = Object.freeze({ direct: none, inherited: none });
const noChildren: TaskContext['children'] = Object.freeze({ open: 0, completed: 0, failed: 0, cancelled: 0 });

/** The context of a task that nothing has happened to yet. */
export function newContext(spec: TaskSpec, dependsOn: readonly DependencyEntry[] = none): TaskContext {
  return {
    spec,
    attempt: 0,
    failures: 0,
    revision: 0,
    guidance: none,
    progress: null,
    blocked: null,
    lease: null,
    notBefore: null,
    dependsOn,
    dependents: nobody,
    children: noChildren,
    result: null,
    artifacts: none,
    notes: none,
    attempts: none,
    marks: { updatedAt: spec.createdAt, startedAt: null, completedAt: null, dueAnnounced: null, inputsChanged: false, deletedBy: null },
  };
}
