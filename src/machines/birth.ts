import type { DependencyEntry, TaskContext, TaskSpec } from './context.ts';

/** The context of a task that nothing has happened to yet. */
export function newContext(spec: TaskSpec, dependsOn: readonly DependencyEntry[] = []): TaskContext {
  return {
    spec,
    attempt: 0,
    failures: 0,
    revision: 0,
    guidance: [],
    progress: null,
    blocked: null,
    lease: null,
    notBefore: null,
    dependsOn,
    dependents: { direct: [], inherited: [] },
    children: { open: 0, completed: 0, failed: 0, cancelled: 0 },
    result: null,
    artifacts: [],
    notes: [],
    attempts: [],
    marks: { updatedAt: spec.createdAt, startedAt: null, completedAt: null, dueAnnounced: null, inputsChanged: false, deletedBy: null },
  };
}
