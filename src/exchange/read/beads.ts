import * as z from 'zod';
import { limits } from '../../protocol/values.ts';
import { fitAcceptance, fitContext, fitDescription, fitExternalId, fitTags, fitTime, fitTitle } from '../fit.ts';
import { isObject, parseJson, shaped, tellUnknown } from '../json.ts';
import type { Report } from '../report.ts';
import type { Given, Place, ReadOptions, SourceEdge, SourceFile, SourceTask } from '../source.ts';

/**
 * Reads `.beads/issues.jsonl` of beads (0.9 to 1.x): one issue a line, with the members of its `internal/types/types.go`. A `parent-child`
 * edge puts an issue below its parent; issues without one are trees of their own.
 */

const edge = z.looseObject({ depends_on_id: z.string(), type: z.string().default('blocks') });
const issue = z.looseObject({
  id: z.string().min(1).max(200),
  title: z.string(),
  description: z.string().nullish(),
  design: z.string().nullish(),
  acceptance_criteria: z.string().nullish(),
  notes: z.string().nullish(),
  status: z.string().default('open'),
  priority: z.int().default(2),
  issue_type: z.string().default('task'),
  assignee: z.string().nullish(),
  owner: z.string().nullish(),
  estimated_minutes: z.int().nullish(),
  due_at: z.string().nullish(),
  external_ref: z.string().nullish(),
  spec_id: z.string().nullish(),
  metadata: z.unknown().optional(),
  labels: z.array(z.string()).nullish(),
  dependencies: z.array(edge).nullish(),
  close_reason: z.string().nullish(),
  /** The source's own keeping of books. */
  created_at: z.unknown().optional(),
  created_by: z.unknown().optional(),
  updated_at: z.unknown().optional(),
  closed_at: z.unknown().optional(),
  started_at: z.unknown().optional(),
  deleted_at: z.unknown().optional(),
  deleted_by: z.unknown().optional(),
  delete_reason: z.unknown().optional(),
  original_type: z.unknown().optional(),
  dependency_count: z.unknown().optional(),
  dependent_count: z.unknown().optional(),
  comment_count: z.unknown().optional(),
  _type: z.unknown().optional(),
  ephemeral: z.unknown().optional(),
  is_template: z.unknown().optional(),
});
type Issue = z.output<typeof issue>;

/** P0 is the most urgent one. */
const priorities = [10, 8, 5, 3, 1];
const types: Readonly<Record<string, Given['type']>> = {
  epic: 'breakdown',
  feature: 'implementation',
  milestone: 'milestone',
  spike: 'research',
};
const waits: ReadonlySet<string> = new Set(['blocks', 'waits-for']);
const related: ReadonlySet<string> = new Set(['related', 'relates-to', 'discovered-from']);

function givenOf(one: Issue, report: Report, place: Place): Given {
  const type = types[one.issue_type] ?? 'standard';
  const dueAt = fitTime(one.due_at, report, place);
  const { assignee, owner, external_ref: externalRef, spec_id: specId, metadata } = one;
  const context = fitContext({ assignee, owner, externalRef, specId, metadata }, report, place);
  return {
    title: fitTitle(one.title, report, place),
    description: fitDescription(
      [
        ['', one.description ?? ''],
        ['Design', one.design ?? ''],
        ['Notes', one.notes ?? ''],
      ],
      report,
      place,
    ),
    acceptance: fitAcceptance((one.acceptance_criteria ?? '').split('\n'), report, place),
    tags: fitTags([...(type === 'standard' && one.issue_type !== 'task' ? [one.issue_type] : []), ...(one.labels ?? [])], report, place),
    priority: priorities[one.priority] ?? 5,
    type,
    ...(one.estimated_minutes != null && { estimatedEffort: `${one.estimated_minutes} min` }),
    ...(dueAt !== undefined && { dueAt }),
    ...(context !== undefined && { context }),
  };
}

interface Row {
  readonly issue: Issue;
  readonly place: Place;
}

function edgesOf(
  { issue: { id, dependencies }, place }: Row,
  report: Report,
): { readonly parent: string | null; readonly edges: SourceEdge[] } {
  let parent: string | null = null;
  const edges: SourceEdge[] = [];
  for (const { depends_on_id: on, type } of dependencies ?? []) {
    if (type === 'parent-child' && parent === null && on !== id) parent = on;
    else if (waits.has(type)) edges.push({ on });
    else if (related.has(type)) edges.push({ on, kind: 'related' });
    else report.remark(place, `the edge "${type}" on ${on} has no counterpart: it is left out`);
  }
  return { parent, edges };
}

/** One line; null when it is no issue to be done. */
function readLine(text: string, place: Place, report: Report): Row | null {
  const value = parseJson(text, report, place);
  if (value === undefined) return null;
  const kind = isObject(value) ? value['_type'] : undefined;
  if (typeof kind === 'string' && kind !== 'issue') {
    report.unmapped(`lines of type ${kind.slice(0, 40)}`);
    return null;
  }
  const read = shaped(issue, value, report, place);
  if (read === undefined) return null;
  const why =
    read.status === 'tombstone'
      ? 'deleted issues'
      : read.ephemeral === true
        ? 'ephemeral issues'
        : read.is_template === true
          ? 'template issues'
          : null;
  if (why !== null) report.unmapped(why);
  return why === null ? { issue: read, place } : null;
}

export function recognizesBeads([file]: readonly SourceFile[]): boolean {
  if (file === undefined) return false;
  const [first = ''] = file.text.trimStart().split('\n', 1);
  return /^\{.*"id"\s*:/.test(first) && /"(?:issue_type|created_at|status)"\s*:/.test(first) && /"title"\s*:/.test(first);
}

export function readBeads([file]: readonly SourceFile[], report: Report, { source = '' }: ReadOptions): SourceTask[] {
  if (file === undefined) return [];
  const rows = new Map<string, Row>();
  file.text.split('\n').forEach((text, index) => {
    if (text.trim() === '') return;
    const row = readLine(text, { file: file.name, line: index + 1 }, report);
    const before = row === null ? undefined : rows.get(row.issue.id);
    if (row !== null && before !== undefined) report.fault(row.place, `${row.issue.id} is on line ${before.place.line} already`);
    else if (row !== null) rows.set(row.issue.id, row);
  });
  if (rows.size === 0 && report.faults.length === 0) report.remark({ file: file.name }, 'has no issues that could be tasks');
  const links = new Map([...rows].map(([id, row]) => [id, edgesOf(row, report)]));
  const isBelow = (id: string): boolean => {
    const parent = links.get(id)?.parent;
    if (parent == null || rows.has(parent)) return parent != null;
    report.remark(rows.get(id)?.place ?? {}, `its parent ${parent} is not in the file: it is a tree of its own`);
    return false;
  };
  const children = new Map<string, string[]>();
  for (const id of rows.keys()) {
    const parent = isBelow(id) ? (links.get(id)?.parent ?? '') : null;
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  const told = new Set<string>();
  const taskOf = (row: Row, depth: number): SourceTask => {
    const { issue: one, place } = row;
    told.add(one.id);
    const isDeep = depth === limits.treeDepth;
    if (isDeep) report.fault(place, `${one.id} is more than ${limits.treeDepth} levels deep below its parents`);
    tellUnknown(one, issue.shape, report);
    if (one.status !== 'open' && one.status !== 'closed')
      report.remark(place, `${one.id} is "${one.status}" in the source: here it is open`);
    return {
      key: one.id,
      externalId: fitExternalId('beads', source, one.id),
      place,
      status: one.status === 'closed' ? 'done' : 'open',
      ...(one.close_reason != null && { summary: one.close_reason }),
      given: givenOf(one, report, place),
      dependsOn: links.get(one.id)?.edges ?? [],
      tasks: isDeep ? [] : below(one.id, depth + 1),
    };
  };
  const below = (id: string, depth: number): SourceTask[] =>
    (children.get(id) ?? []).flatMap((key) => {
      const row = rows.get(key);
      return row === undefined || told.has(key) ? [] : [taskOf(row, depth)];
    });
  const underneath = new Set([...children.values()].flat());
  const trees = [...rows.values()].filter((row) => !underneath.has(row.issue.id)).map((row) => taskOf(row, 0));
  if (report.faults.length > 0) return [];
  for (const [id, { place }] of rows) if (!told.has(id)) report.fault(place, `${id} is below itself: its parents go round in a circle`);
  return trees;
}
