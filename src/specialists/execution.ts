import type { ArtifactId, TaskId } from '../ids.ts';
import type { Attempt, Guidance, Note, TaskContext, TaskSpec } from '../machines/context.ts';
import type { ArtifactType, DependencyKind, Status } from '../protocol/values.ts';
import type { CataloguedRole } from './role.ts';

/** What the execution of a task is rendered from. Times are integer milliseconds; lists are oldest first. */

export interface ArtifactMention {
  readonly id: ArtifactId;
  readonly type: ArtifactType;
  readonly name: string;
  readonly bytes: number;
}

/** Another task whose result matters to this one. */
export interface Outcome {
  readonly taskId: TaskId;
  readonly title: string;
  readonly status: Status;
  readonly summary: string | null;
  readonly artifacts: readonly ArtifactMention[];
}

export interface DependencyOutcome extends Outcome {
  readonly kind: DependencyKind;
}

type Given = 'title' | 'description' | 'type' | 'complexity' | 'priority' | 'acceptance' | 'context' | 'estimatedEffort';

export interface ExecutionTask {
  readonly id: TaskId;
  readonly spec: Pick<TaskSpec, Given | 'dueAt' | 'maxAttempts' | 'rollUp'>;
  /** The attempt under way, from 1. */
  readonly attempt: number;
  readonly revision: number;
  /** Files that earlier work on the task named. */
  readonly filePaths?: readonly string[];
}

export interface ExecutionInput {
  readonly role: CataloguedRole;
  readonly task: ExecutionTask;
  readonly parent: { readonly id: TaskId; readonly title: string; readonly description: string } | null;
  readonly dependencies: readonly DependencyOutcome[];
  /** For a parent's synthesis. */
  readonly children: readonly Outcome[];
  readonly notes: readonly Note[];
  readonly guidance: readonly Guidance[];
  /** Earlier attempts, without the one under way. */
  readonly attempts: readonly Omit<Attempt, 'roleHash'>[];
  /** For a review task: what it judges. */
  readonly reviewOf: Omit<Outcome, 'status'> | null;
  /** When the context of a blocked task is read. */
  readonly blocked?: TaskContext['blocked'];
}

export interface Execution {
  /** Markdown. */
  readonly context: string;
  readonly prompts: string[];
  readonly instructions: string[];
  readonly nextSteps: string[];
}
