import * as z from 'zod';
import { fitAcceptance, fitContext, fitDescription, fitExternalId, fitTags, fitTitle } from '../fit.ts';
import { isObject, parseJson, shaped, tellUnknown } from '../json.ts';
import type { Report } from '../report.ts';
import type { Given, Place, ReadOptions, SourceEdge, SourceFile, SourceTask } from '../source.ts';

/**
 * Reads the `tasks.json` of task-master (0.13 to 0.43): legacy `{ tasks, metadata }`, and tagged `{ [tag]: { tasks, metadata } }`. Members by its own
 * types (`packages/tm-core/src/common/types`) and by files in use. Each tag becomes a tree, each subtask a child.
 */

const id = z.union([z.int(), z.string().min(1).max(100)]);
const texts = z.union([z.string(), z.array(z.string())]);

const members = {
  id,
  title: z.string(),
  description: z.string().nullish(),
  details: z.string().nullish(),
  testStrategy: z.string().nullish(),
  status: z.string().default('pending'),
  priority: z.string().nullish(),
  dependencies: z.array(id).nullish(),
  acceptanceCriteria: texts.nullish(),
  tags: z.array(z.string()).nullish(),
  assignee: z.string().nullish(),
  complexity: z.union([z.number(), z.string()]).nullish(),
  effort: z.number().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  relevantFiles: z.unknown().optional(),
  codebasePatterns: z.unknown().optional(),
  existingInfrastructure: z.unknown().optional(),
  scopeBoundaries: z.unknown().optional(),
  implementationApproach: z.unknown().optional(),
  technicalConstraints: z.unknown().optional(),
  skills: z.unknown().optional(),
  category: z.unknown().optional(),
  /** The source's own keeping of books. */
  parentId: z.unknown().optional(),
  parentTaskId: z.unknown().optional(),
  createdAt: z.unknown().optional(),
  updatedAt: z.unknown().optional(),
};
const subtask = z.looseObject(members);
const task = z.looseObject({ ...members, subtasks: z.array(subtask).nullish() });
const list = z.looseObject({ tasks: z.array(task), metadata: z.looseObject({ description: z.string().nullish() }).nullish() });
type Task = z.output<typeof subtask>;

const priorities: Readonly<Record<string, number>> = { low: 3, medium: 5, high: 8, critical: 10 };
const complexities: Readonly<Record<string, NonNullable<Given['complexity']>>> = {
  simple: 'simple',
  moderate: 'moderate',
  complex: 'complex',
  'very-complex': 'very_complex',
};
const endings: Readonly<Record<string, SourceTask['status']>> = { done: 'done', completed: 'done', cancelled: 'cancelled' };

/** Its scores go from 1 to 10. */
function complexityOf(given: Task['complexity']): Given['complexity'] {
  if (typeof given !== 'number') return complexities[given ?? ''];
  return given <= 2 ? 'trivial' : given <= 4 ? 'simple' : given <= 6 ? 'moderate' : given <= 8 ? 'complex' : 'very_complex';
}

function givenOf(one: Task, report: Report, place: Place): Given {
  const { acceptanceCriteria, complexity, effort } = one;
  const criteria = typeof acceptanceCriteria === 'string' ? acceptanceCriteria.split('\n') : (acceptanceCriteria ?? []);
  const priority = priorities[one.priority ?? ''];
  if (one.priority != null && priority === undefined) report.remark(place, `the priority "${one.priority}" is not known: it is 5`);
  const level = complexityOf(complexity);
  const context = fitContext(
    {
      assignee: one.assignee,
      metadata: one.metadata,
      relevantFiles: one.relevantFiles,
      codebasePatterns: one.codebasePatterns,
      existingInfrastructure: one.existingInfrastructure,
      scopeBoundaries: one.scopeBoundaries,
      implementationApproach: one.implementationApproach,
      technicalConstraints: one.technicalConstraints,
      skills: one.skills,
      category: one.category,
    },
    report,
    place,
  );
  return {
    title: fitTitle(one.title, report, place),
    description: fitDescription(
      [
        ['', one.description ?? ''],
        ['Details', one.details ?? ''],
        ['Test strategy', one.testStrategy ?? ''],
      ],
      report,
      place,
    ),
    acceptance: fitAcceptance(criteria, report, place),
    tags: fitTags(one.tags ?? [], report, place),
    priority: priority ?? 5,
    ...(level !== undefined && { complexity: level }),
    ...(effort != null && { estimatedEffort: `${effort}` }),
    ...(context !== undefined && { context }),
  };
}

const plain: ReadonlySet<string> = new Set(['pending', 'done', 'completed', 'cancelled']);

function taskOf(one: Task, key: string, edges: readonly SourceEdge[], tasks: readonly SourceTask[], about: About): SourceTask {
  const { report, place, idOf } = about;
  tellUnknown(one, { ...members, subtasks: true }, report);
  if (!plain.has(one.status)) report.remark(place, `it is "${one.status}" in the source: here it is open`);
  return {
    key,
    externalId: idOf(key),
    place,
    status: endings[one.status] ?? 'open',
    given: givenOf(one, report, place),
    dependsOn: edges,
    tasks,
  };
}

interface About {
  readonly report: Report;
  readonly place: Place;
  readonly idOf: (key: string) => string;
}

function readTag(tag: string, given: unknown, path: string, file: string, source: string, report: Report): SourceTask | null {
  const read = shaped(list, given, report, { file, path });
  if (read === undefined) return null;
  const keyOf = (key: string): string => `${tag}/${key}`;
  const idOf = (key: string): string => fitExternalId('task-master', source, key);
  const base = path === '' ? '' : `${path}.`;
  const tasks = read.tasks.map((one, index) => {
    const place = { file, path: `${base}tasks[${index}]` };
    const siblings = new Set((one.subtasks ?? []).map((sub) => String(sub.id)));
    const subtasks = (one.subtasks ?? []).map((sub, at) => {
      const edges = (sub.dependencies ?? []).map((on) => ({ on: keyOf(siblings.has(String(on)) ? `${one.id}.${on}` : String(on)) }));
      return taskOf(sub, keyOf(`${one.id}.${sub.id}`), edges, [], { report, place: { file, path: `${place.path}.subtasks[${at}]` }, idOf });
    });
    const edges = (one.dependencies ?? []).map((on) => ({ on: keyOf(String(on)) }));
    return taskOf(one, keyOf(String(one.id)), edges, subtasks, { report, place, idOf });
  });
  const place = { file, path };
  return {
    key: tag,
    externalId: idOf(tag),
    place,
    status: 'group',
    given: {
      title: fitTitle(`task-master: ${tag}`, report, place),
      description: fitDescription([['', read.metadata?.description ?? '']], report, place),
      type: 'breakdown',
    },
    dependsOn: [],
    tasks,
  };
}

const isList = (value: unknown): boolean => isObject(value) && Array.isArray(value['tasks']);

export function recognizesTaskMaster([file]: readonly SourceFile[], value: unknown): boolean {
  if (file === undefined || !isObject(value) || 'format' in value) return false;
  return isList(value) || (Object.keys(value).length > 0 && Object.values(value).every(isList));
}

export function readTaskMaster([file]: readonly SourceFile[], report: Report, { source = '' }: ReadOptions): SourceTask[] {
  if (file === undefined) return [];
  const value = parseJson(file.text, report, { file: file.name });
  if (value === undefined) return [];
  if (!isObject(value)) report.fault({ file: file.name }, 'is no object with tasks, or with tags that have tasks');
  if (!isObject(value)) return [];
  const tags = Array.isArray(value['tasks'])
    ? [['master', value, ''] as const]
    : Object.entries(value).map(([tag, given]) => [tag, given, tag] as const);
  if (tags.length === 0) report.fault({ file: file.name }, 'has no tag and no tasks');
  return tags.flatMap(([tag, given, path]) => readTag(tag, given, path, file.name, source, report) ?? []);
}
