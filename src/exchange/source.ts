import type { TaskId } from '../ids.ts';
import type { PlannedTaskInput } from '../protocol/methods/given.ts';
import type { ArtifactType, DependencyKind } from '../protocol/values.ts';

/** What every format is read into. */

/** A text with the name that it is told by. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** Where something stands in the source: a line, or a path inside JSON. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly path?: string;
}

export interface SourceEdge {
  /** The key of the task that is waited for. */
  readonly on: string;
  readonly kind?: DependencyKind;
  readonly mandatory?: boolean;
  readonly artifactType?: ArtifactType;
}

/** What a task is given, beside its place in the tree. */
export type Given = Omit<PlannedTaskInput, 'ref' | 'tasks' | 'dependsOn' | 'externalId'>;

export interface SourceTask {
  /** Its name in the source, by which others wait for it. */
  readonly key: string;
  /** What it is found again by. */
  readonly externalId: string;
  /** A task of ours that comes back. */
  readonly id?: TaskId;
  readonly place: Place;
  /** `group`: a heading or a list, which is done when what is below it is. */
  readonly status: 'open' | 'done' | 'cancelled' | 'group';
  /** What the source says of its end. */
  readonly summary?: string;
  readonly given: Given;
  readonly dependsOn: readonly SourceEdge[];
  readonly tasks: readonly SourceTask[];
}

export interface ReadOptions {
  /** Tells two sources of one format apart; each format has a default. */
  readonly source?: string | undefined;
  /** The folder that the files are in. */
  readonly folder?: string | undefined;
}
