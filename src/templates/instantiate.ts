import * as z from 'zod';
import { invalidTemplate } from './fault.ts';
import { plannedTask } from '../protocol/methods/given.ts';
import type { PlannedTask, PlannedTaskInput } from '../protocol/methods/given.ts';
import { pathText } from '../protocol/messages.ts';
import type { Json, JsonObject } from '../protocol/values.ts';
import { templateCategories } from './limits.ts';
import { parametersFor } from './parameters.ts';
import { Filler } from './placeholders.ts';
import { flat, namedTasks } from './template.ts';
import type { Deliverable, Milestone, Named, Template } from './template.ts';
import { plainWords } from '../protocol/plain-words.ts';

/** A template with its parameters becomes the input of `task.plan`. */

export interface Instance {
  /** What was given, and the defaults of what was not. */
  readonly parameters: Readonly<Record<string, Json>>;
  /** The top task, which stands for the template; its breakdown nests in `tasks`. */
  readonly plan: PlannedTask;
  /** The same as a client would write it. */
  readonly input: PlannedTaskInput;
}

/** More keys than fit here are not kept with the top task. */
const keptKeysBytes = 6_000;

/** Throws INVALID_PARAMS for the parameters, TEMPLATE_INVALID for what becomes of the template with them. */
export function instantiate(template: Template, given: JsonObject, origin: { readonly id: string; readonly category: string }): Instance {
  const parameters = parametersFor(template, given);
  const filler = new Filler(template, parameters);
  const { metadata } = template;
  const { complexity, tags, estimated_duration: duration } = metadata;
  const named = namedTasks(template.tasks);
  const promises = Object.entries(template.deliverables).map(([key, one]) => ({ task: one.task, text: delivered(key, one, filler) }));
  const tasks = [
    ...named.map((one) => planned(one, promises, filler)),
    ...Object.entries(template.milestones).map(([key, milestone]) => plannedMilestone(key, milestone, filler)),
  ];
  const title = filler.text(metadata.name, ['metadata', 'name']);
  const description = filler.text(metadata.description, ['metadata', 'description']);
  const effort = duration === undefined ? {} : { estimatedEffort: filler.text(duration, ['metadata', 'estimated_duration']) };
  if (filler.issues.length > 0) throw invalidTemplate(filler.issues);
  const keys = [...flat(named).map(({ key }) => key), ...Object.keys(template.milestones)];
  const acceptance = promises.filter(({ task }) => task === undefined).map((promise) => promise.text);
  const kept = {
    ...origin,
    version: metadata.version,
    parameters,
    ...(JSON.stringify(keys).length > keptKeysBytes ? {} : { tasks: keys }),
  };
  const input: PlannedTaskInput = {
    title,
    description,
    type: 'breakdown',
    specialist: 'coordinator',
    ...(complexity === undefined ? {} : { complexity }),
    ...(tags === undefined ? {} : { tags }),
    ...effort,
    rollUp: acceptance.length > 0 ? 'execute' : 'auto',
    acceptance,
    context: { template: kept },
    tasks,
  };
  return { parameters, plan: checked(template, named, input), input };
}

/** The keys that a task made of a template was made with, as far as they were kept with it. */
const keptKeys = z.object({
  template: z.object({
    id: z.string(),
    category: z.enum(templateCategories),
    version: z.string(),
    parameters: z.record(z.string(), z.unknown()),
    tasks: z.array(z.string()).default([]),
  }),
});

export function originOf(context: JsonObject): z.output<typeof keptKeys>['template'] | null {
  return keptKeys.safeParse(context).data?.template ?? null;
}

interface Promised {
  /** The key of the task that makes it; undefined for the whole. */
  readonly task: string | undefined;
  readonly text: string;
}

type Texts = Readonly<
  Partial<Record<'type' | 'specialist' | 'complexity' | 'description' | 'review' | 'estimatedEffort', string | undefined>>
>;

/** Left out here what is left out there, so that the defaults are those of `task.plan`. */
function texts(members: Texts, path: readonly string[], filler: Filler): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([member, value]) =>
      value === undefined ? [] : [[member, filler.text(value, [...path, memberNames[member] ?? member])]],
    ),
  );
}

function planned({ key, path, task, children }: Named, promises: readonly Promised[], filler: Filler): PlannedTaskInput {
  const acceptance = [
    ...filler.lines(task.checklist ?? [], [...path, 'checklist']),
    ...promises.filter((promise) => promise.task === key).map((promise) => promise.text),
  ];
  const inner = children.map((child) => planned(child, promises, filler));
  // Nobody has anything to do for a group that promises nothing but its parts.
  const rollsUp = inner.length > 0 && acceptance.length === 0 && task.review === undefined;
  const members = {
    type: task.type ?? (inner.length > 0 ? 'breakdown' : undefined),
    specialist: task.specialist_type,
    complexity: task.complexity,
    description: task.description,
    review: task.review,
    estimatedEffort: task.estimated_effort,
  };
  return {
    ref: key,
    title: filler.text(task.title, [...path, 'title']),
    ...texts(members, path, filler),
    ...(task.priority === undefined ? {} : { priority: task.priority }),
    ...(task.tags === undefined ? {} : { tags: filler.lines(task.tags, [...path, 'tags']) }),
    ...(rollsUp ? { rollUp: 'auto' } : {}),
    acceptance,
    dependsOn: task.dependencies ?? [],
    ...(inner.length === 0 ? {} : { tasks: inner }),
  };
}

function plannedMilestone(key: string, milestone: Milestone, filler: Filler): PlannedTaskInput {
  const { title, description, specialist_type: specialist = 'coordinator', dependencies, checklist = [] } = milestone;
  const path = ['milestones', key];
  return {
    ref: key,
    title: filler.text(title, [...path, 'title']),
    type: 'milestone',
    ...texts({ specialist, description }, path, filler),
    acceptance: filler.lines(checklist, [...path, 'checklist']),
    dependsOn: dependencies,
  };
}

function delivered(key: string, { title, description, type }: Deliverable, filler: Filler): string {
  const text = (member: string, value: string): string => filler.text(value, ['deliverables', key, member]);
  const kind = type === undefined ? '' : ` (an artifact of type ${text('type', type)})`;
  return `Deliverable: ${text('title', title)}${kind}${description === undefined ? '' : `. ${text('description', description)}`}`;
}

const memberNames: Readonly<Record<string, string>> = {
  dependsOn: 'dependencies',
  acceptance: 'checklist',
  specialist: 'specialist_type',
  estimatedEffort: 'estimated_effort',
};

/** What `task.plan` takes; a fault is told at the place in the template that it came from. */
function checked(template: Template, named: readonly Named[], input: PlannedTaskInput): PlannedTask {
  const { data, error } = plannedTask.safeParse(input);
  if (data !== undefined) return data;
  const paths = new Map([
    ...flat(named).map(({ key, path }): [string, readonly string[]] => [key, path]),
    ...Object.keys(template.milestones).map((key): [string, readonly string[]] => [key, ['milestones', key]]),
  ]);
  const issues = (error?.issues ?? []).map((issue) => {
    const { path } = issue;
    const message = plainWords(issue);
    let task: PlannedTaskInput = input;
    let at = 0;
    for (; path[at] === 'tasks' && typeof path[at + 1] === 'number'; at += 2) task = task.tasks?.[Number(path[at + 1])] ?? task;
    const member = path[at] === undefined ? [] : [memberNames[String(path[at])] ?? String(path[at])];
    const above = task.ref === undefined ? ['metadata'] : (paths.get(task.ref) ?? []);
    const topMember = member[0] === 'title' ? ['name'] : member;
    return template.issueAt(
      [...above, ...(task.ref === undefined ? topMember : member)],
      `${message} (${pathText(path.slice(at))} of the task made of it)`,
    );
  });
  throw invalidTemplate(issues);
}
