import type { Issue } from '../errors.ts';
import { pathText } from '../protocol/messages.ts';
import { invalidTemplate } from './fault.ts';
import type { Metadata, WrittenDeliverable, WrittenTask } from './format.ts';
import type { ReadTemplate } from './read.ts';
import type { Deliverable, Milestone, Parameter, Template, TemplateTask } from './template.ts';

/**
 * A template that extends another has all that the other has. An entry of the same key changes the members that it gives, children
 * of tasks as well; `null` takes the entry away. Lists and variables are replaced as a whole. Metadata is not inherited, except for
 * what says something about the tasks.
 */

type Entries<T> = Readonly<Record<string, T | null>> | undefined;

/** The whole template of a chain: the one that was asked for, then what it extends, and so on. Throws TEMPLATE_INVALID. */
export function assemble(chain: readonly ReadTemplate[]): Template {
  const [own] = chain;
  if (own === undefined) throw new TypeError('a chain has a template');
  const issueAt = placer(chain);
  const issues: Issue[] = [];
  const fault = (path: readonly string[], message: string) => void issues.push(issueAt(path, message));

  /** From the bottom of the chain up. */
  const gather = <T>(section: string, entriesOf: (one: ReadTemplate) => Entries<T>, join: (under: T, over: T, path: string[]) => T) =>
    chain.toReversed().reduce<Record<string, T>>((under, one) => merged(under, entriesOf(one), join, [section], fault), {});

  const over = <T extends object>(under: T, given: T): T => ({ ...under, ...given });
  const deliverableOver = (under: WrittenDeliverable, given: WrittenDeliverable): WrittenDeliverable =>
    typeof given === 'string' || typeof under === 'string' ? given : over(under, given);
  const taskOver = (under: WrittenTask, given: WrittenTask, path: readonly string[]): WrittenTask => ({
    ...under,
    ...given,
    ...(under.children === undefined && given.children === undefined
      ? {}
      : { children: merged(filledIn(under.children), given.children, taskOver, [...path, 'children'], fault) }),
  });

  const parameters = gather('parameters', ({ written }) => written.parameters, over);
  const variables = gather(
    'variables',
    ({ written }) => written.variables,
    (_, given) => given,
  );
  const tasks = gather<WrittenTask>('tasks', ({ written }) => written.tasks, taskOver);
  const milestones = gather('milestones', ({ written }) => written.milestones, over);
  const deliverables = gather('deliverables', ({ written }) => written.deliverables, deliverableOver);

  const wholeTasks = (given: Readonly<Record<string, WrittenTask | null>>, path: readonly string[]): Record<string, TemplateTask> =>
    mapped(given, (key, { title, children, ...rest }) => {
      const here = [...path, key];
      if (title === undefined) fault([...here, 'title'], 'is missing');
      const inner =
        children === undefined ? {} : { children: wholeTasks(withoutNulls(children, [...here, 'children'], fault), [...here, 'children']) };
      return { ...rest, title: title ?? '', ...inner };
    });
  const complete = <T extends { title?: string | undefined }>(section: string, key: string, given: T): T & { title: string } => {
    if (given.title === undefined) fault([section, key, 'title'], 'is missing');
    return { ...given, title: given.title ?? '' };
  };
  const template: Template = {
    metadata: { ...inheritedMetadata(chain), ...own.written.metadata },
    parameters: mapped(parameters, (_key, { type = 'string', description = '', required, allowed_values, ...rest }): Parameter => {
      const allowed = rest.enum ?? allowed_values;
      return {
        type,
        description,
        required: required ?? rest.default === undefined,
        ...rest,
        ...(allowed === undefined ? {} : { enum: allowed }),
      };
    }),
    variables,
    tasks: wholeTasks(tasks, ['tasks']),
    milestones: mapped(milestones, (key, given): Milestone => {
      if ((given.dependencies ?? []).length === 0)
        fault(['milestones', key, 'dependencies'], 'a milestone is reached when tasks are done: name them');
      return { ...complete('milestones', key, given), dependencies: given.dependencies ?? [] };
    }),
    deliverables: mapped(deliverables, (key, given): Deliverable =>
      complete('deliverables', key, typeof given === 'string' ? { title: given } : given),
    ),
    issueAt,
  };
  if (Object.keys(template.tasks).length === 0) fault(['tasks'], 'a template has at least one task');
  if (issues.length > 0) throw invalidTemplate(issues);
  return template;
}

type Fault = (path: readonly string[], message: string) => void;

function merged<T>(
  under: Readonly<Record<string, T>>,
  given: Entries<T>,
  join: (under: T, over: T, path: string[]) => T,
  path: readonly string[],
  fault: Fault,
): Record<string, T> {
  const entries = new Map(Object.entries(under));
  for (const [key, entry] of Object.entries(given ?? {})) {
    const before = entries.get(key);
    const here = [...path, key];
    if (entry !== null) entries.set(key, before === undefined ? entry : join(before, entry, here));
    else if (!entries.delete(key)) fault(here, 'null takes away what is inherited, and nothing of this key is');
  }
  return Object.fromEntries(entries);
}

/** A new task may not have children that are taken away; one that is inherited has had that looked at. */
function withoutNulls(children: Readonly<Record<string, WrittenTask | null>>, path: readonly string[], fault: Fault) {
  return merged<WrittenTask>({}, children, (_, given) => given, path, fault);
}

function filledIn(children: Readonly<Record<string, WrittenTask | null>> | undefined): Record<string, WrittenTask> {
  return Object.fromEntries(Object.entries(children ?? {}).flatMap(([key, child]) => (child === null ? [] : [[key, child]])));
}

function mapped<T, R>(entries: Readonly<Record<string, T | null>>, make: (key: string, entry: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(entries).flatMap(([key, entry]) => (entry === null ? [] : [[key, make(key, entry)]])));
}

function inheritedMetadata(chain: readonly ReadTemplate[]): Partial<Metadata> {
  const said: Partial<Metadata> = {};
  for (const { written } of chain.toReversed()) {
    const { category, tags, complexity, estimated_duration } = written.metadata;
    if (category !== undefined) said.category = category;
    if (tags !== undefined) said.tags = tags;
    if (complexity !== undefined) said.complexity = complexity;
    if (estimated_duration !== undefined) said.estimated_duration = estimated_duration;
  }
  return said;
}

/** A place belongs to the template that says most of it, of equals to the one that extends the others. */
function placer(chain: readonly ReadTemplate[]): Template['issueAt'] {
  return (path, message) => {
    const places = chain.map(({ file, placeOf }) => ({ file, ...placeOf(path) }));
    const best = places.reduce((found, place) => (place.known > found.known ? place : found));
    return { path: pathText(path), message, line: best.line, ...(best.file === undefined ? {} : { file: best.file }) };
  };
}
