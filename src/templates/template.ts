import type { Issue } from '../errors.ts';
import type { Json } from '../protocol/values.ts';
import type { Metadata, WrittenDeliverable, WrittenMilestone, WrittenParameter, WrittenTask } from './format.ts';

/** A whole template: with what it inherits, and the defaults of the format. */

export interface Parameter extends Omit<WrittenParameter, 'type' | 'description' | 'required' | 'allowed_values'> {
  readonly type: NonNullable<WrittenParameter['type']>;
  readonly description: string;
  readonly required: boolean;
}

export interface TemplateTask extends Omit<WrittenTask, 'title' | 'children'> {
  readonly title: string;
  readonly children?: Readonly<Record<string, TemplateTask>>;
}

export interface Milestone extends WrittenMilestone {
  readonly title: string;
  readonly dependencies: string[];
}

export interface Deliverable extends Exclude<WrittenDeliverable, string> {
  readonly title: string;
}

export interface Template {
  readonly metadata: Metadata;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly variables: Readonly<Record<string, Json>>;
  readonly tasks: Readonly<Record<string, TemplateTask>>;
  readonly milestones: Readonly<Record<string, Milestone>>;
  readonly deliverables: Readonly<Record<string, Deliverable>>;
  /** A fault at a place, with the file and line that the place came from. */
  readonly issueAt: (path: readonly PropertyKey[], message: string) => Issue;
}

/** The sections of a template, as a caller is shown it. */
export function shown({ metadata, parameters, variables, tasks, milestones, deliverables }: Template): Omit<Template, 'issueAt'> {
  return { metadata, parameters, variables, tasks, milestones, deliverables };
}

export interface Named {
  readonly key: string;
  readonly path: readonly string[];
  readonly task: TemplateTask;
  readonly children: readonly Named[];
}

/** The tasks with their keys and places, in the order of the text, children inside. */
export function namedTasks(tasks: Template['tasks'], path: readonly string[] = ['tasks']): readonly Named[] {
  return Object.entries(tasks).map(([key, task]) => {
    const here = [...path, key];
    return { key, path: here, task, children: namedTasks(task.children ?? {}, [...here, 'children']) };
  });
}

/** All of them in reading order. */
export function flat(tasks: readonly Named[]): readonly Named[] {
  return tasks.flatMap((one) => [one, ...flat(one.children)]);
}
