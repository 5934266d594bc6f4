import { TroupeError } from '../errors.ts';
import type { Issue } from '../errors.ts';
import { plannedTask } from '../protocol/methods/given.ts';
import type { PlannedTaskInput } from '../protocol/methods/given.ts';
import { invalidTemplate } from './fault.ts';
import { definitionFaults } from './parameters.ts';
import { known, namesIn } from './placeholders.ts';
import { rehearse } from './rehearse.ts';
import { flat, namedTasks } from './template.ts';
import type { Named, Template } from './template.ts';

export interface CheckOptions {
  /** Whether there is a specialist of that key. */
  readonly knowsSpecialist: (key: string) => boolean;
}

/** All that can be said of a template before anybody gives it parameters. Throws TEMPLATE_INVALID with every fault. */
export function checkTemplate(template: Template, options: CheckOptions): void {
  const named = namedTasks(template.tasks);
  const issues = [
    ...keyFaults(template, named),
    ...definitionFaults(template),
    ...placeholderFaults(template),
    ...specialistFaults(template, named, options),
  ];
  if (issues.length > 0) throw invalidTemplate(issues);
  planFaults(template, named);
}

function keyFaults({ milestones, deliverables, issueAt }: Template, named: readonly Named[]): Issue[] {
  const issues: Issue[] = [];
  const seen = new Map<string, string>();
  const entries = [
    ...flat(named).map(({ key, path, task }) => ({ key, path, dependencies: task.dependencies ?? [] })),
    ...Object.entries(milestones).map(([key, { dependencies }]) => ({ key, path: ['milestones', key], dependencies })),
  ];
  for (const { key, path } of entries) {
    const before = seen.get(key);
    if (before !== undefined) issues.push(issueAt(path, `the key is used twice; the other one is ${before}`));
    seen.set(key, path.join('.'));
  }
  const unknown = (key: string) => `no task or milestone has the key "${key}"; there are ${[...seen.keys()].slice(0, 20).join(', ')}`;
  for (const { path, dependencies } of entries)
    dependencies.forEach((key, index) => {
      if (!seen.has(key)) issues.push(issueAt([...path, 'dependencies', index], unknown(key)));
    });
  const tasks = new Set(flat(named).map(({ key }) => key));
  for (const [key, { task }] of Object.entries(deliverables))
    if (task !== undefined && !tasks.has(task)) issues.push(issueAt(['deliverables', key, 'task'], unknown(task)));
  return issues;
}

function placeholderFaults(template: Template): Issue[] {
  const { metadata, parameters, variables, tasks, milestones, deliverables, issueAt } = template;
  const issues: Issue[] = [];
  const { name, description, estimated_duration } = metadata;
  namesIn({ metadata: { name, description, estimated_duration }, variables, tasks, milestones, deliverables }, [], (found, path, fault) => {
    if (found === null) issues.push(issueAt(path, fault));
    else if (!Object.hasOwn(parameters, found) && !Object.hasOwn(variables, found))
      issues.push(issueAt(path, `{{${found}}} stands for nothing: there is no such parameter or variable${known(template)}`));
  });
  return issues;
}

function specialistFaults(template: Template, named: readonly Named[], { knowsSpecialist }: CheckOptions): Issue[] {
  const places = [
    ...flat(named).flatMap(({ path, task: { specialist_type, review } }) => [
      { path: [...path, 'specialist_type'], key: specialist_type },
      { path: [...path, 'review'], key: review },
    ]),
    ...Object.entries(template.milestones).map(([key, { specialist_type }]) => ({
      path: ['milestones', key, 'specialist_type'],
      key: specialist_type,
    })),
  ];
  return places.flatMap(({ path, key }) =>
    key === undefined || key.includes('{{') || knowsSpecialist(key) ? [] : [template.issueAt(path, `there is no specialist "${key}"`)],
  );
}

/** What `task.plan` would say of these tasks, without their texts: circles, limits. */
function planFaults({ milestones, issueAt }: Template, named: readonly Named[]): void {
  const bare = (one: Named): PlannedTaskInput => ({
    ref: one.key,
    title: one.key,
    dependsOn: one.task.dependencies ?? [],
    tasks: one.children.map(bare),
  });
  const tasks = [
    ...named.map(bare),
    ...Object.entries(milestones).map(([ref, { dependencies }]) => ({ ref, title: ref, dependsOn: dependencies })),
  ];
  const top = plannedTask.parse({ title: 'template', tasks });
  try {
    rehearse(top);
  } catch (error) {
    if (!(error instanceof TroupeError)) throw error;
    const circle = error.details.path?.map(({ taskId }) => taskId.slice(2)) ?? [];
    const [first] = circle;
    const path =
      flat(named).find(({ key }) => key === first)?.path ??
      (first !== undefined && Object.hasOwn(milestones, first) ? ['milestones', first] : ['tasks']);
    const message = circle.length === 0 ? error.message : `the tasks would wait for each other: ${[...circle, first].join(' waits for ')}`;
    throw invalidTemplate([issueAt(circle.length === 0 ? path : [...path, 'dependencies'], message)]);
  }
}
