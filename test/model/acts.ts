import type { ArtifactType, DependencyKind } from '../../src/protocol/values.ts';
import type { Name } from './reference.ts';

/** Everything that can be done to the world of the reference. */

export interface NewEdge {
  readonly on: Name;
  readonly kind: DependencyKind;
  readonly artifactType: ArtifactType | null;
  readonly mandatory: boolean;
}

export interface NewTask {
  readonly name: Name;
  readonly parent: Name | null;
  readonly review: Name | null;
  readonly rollUp: boolean;
  readonly acceptance: number;
  readonly maxAttempts: number;
  readonly priority: number;
  readonly dueInMs: number | null;
  readonly edges: readonly NewEdge[];
}

/** Who shows what: the name of the caller, and the lease of which attempt. */
export interface Proof {
  readonly by: string;
  readonly attempt: number | null;
}

type NextAction = 'complete' | 'continue' | 'needs_revision' | 'blocked';

export type Act =
  /** The first one is the top; `below` is a parent that exists. */
  | { readonly act: 'make'; readonly tasks: readonly NewTask[]; readonly below: Name | null }
  | { readonly act: 'execute'; readonly task: Name; readonly by: string; readonly leaseMs: number }
  /** What it got is told by the service; the reference says whether it could. */
  | { readonly act: 'claim'; readonly by: string; readonly leaseMs: number; readonly got: Name | null }
  | { readonly act: 'progress'; readonly task: Name; readonly proof: Proof }
  | {
      readonly act: 'complete';
      readonly task: Name;
      readonly proof: Proof;
      readonly nextAction: NextAction;
      readonly artifactType: ArtifactType | null;
      /** How many criteria are answered, and whether as met. */
      readonly answered: number;
      readonly met: boolean;
    }
  | { readonly act: 'fail'; readonly task: Name; readonly proof: Proof; readonly retryable: boolean }
  | { readonly act: 'block'; readonly task: Name; readonly asks: boolean }
  | { readonly act: 'answer' | 'unblock' | 'retry' | 'archive'; readonly task: Name }
  | { readonly act: 'cancel'; readonly task: Name; readonly subtree: boolean; readonly stale: boolean }
  | { readonly act: 'reopen' | 'note'; readonly task: Name; readonly stale: boolean }
  | {
      readonly act: 'edit';
      readonly task: Name;
      readonly stale: boolean;
      readonly set: { readonly acceptance?: number; readonly maxAttempts?: number; readonly priority?: number };
    }
  | { readonly act: 'delete'; readonly task: Name; readonly force: boolean }
  | { readonly act: 'add'; readonly task: Name; readonly edge: NewEdge; readonly stale: boolean }
  | { readonly act: 'remove' | 'waive'; readonly task: Name; readonly on: Name; readonly stale: boolean }
  | { readonly act: 'advance'; readonly ms: number; readonly tick: boolean };
