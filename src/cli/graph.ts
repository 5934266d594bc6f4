import type { TaskId } from '../ids.ts';
import type { CommonOptions } from './call.ts';
import { clip, inLine, widthOf } from './columns.ts';
import { connect } from './connect.ts';
import { printJson, printLines, screen } from './output.ts';
import { shortId, styleOf } from './printing.ts';
import type { Row } from './printing.ts';
import { resolveTask } from './task-id.ts';

export interface GraphOptions extends CommonOptions {
  readonly format: 'tree' | 'mermaid';
}

/** As many as a tree can have. */
const mostTasks = 1_000;
const leastTitle = 12;
const fields = ['id', 'parentId', 'position', 'title', 'status', 'ready', 'dependsOn'] as const;

export async function graph(given: string, options: GraphOptions): Promise<void> {
  const link = connect(options, { makes: false });
  try {
    const { task } = await link.call('task.get', { taskId: await resolveTask(link, given) });
    const filter = { rootId: task.rootId, includeArchived: true };
    const { items } = await link.call('task.list', { filter, fields: [...fields], limit: mostTasks });
    if (options.json === true) return printJson({ rootId: task.rootId, items });
    printLines(options.format === 'mermaid' ? mermaid(items) : tree(items, task.rootId));
  } finally {
    await link.close();
  }
}

const waitsFor = ({ dependsOn = [] }: Row) => dependsOn.filter(({ direct }) => direct);

function tree(items: readonly Row[], rootId: TaskId): string[] {
  const { columns, paint } = screen();
  const children = belowOf(items);
  const lines: string[] = [];
  const add = (row: Row, before: string, branch: string): void => {
    const { id, title = '', status = 'pending', ready } = row;
    const edges = waitsFor(row).map(({ taskId, waived, status: edge }) => `${shortId(taskId)} ${waived ? 'waived' : edge}`);
    const after = edges.length === 0 ? '' : `  after ${edges.join(', ')}`;
    const state = ready === true ? 'ready' : status;
    const head = `${before}${branch}${shortId(id)}  `;
    // What it waits for is the point of the drawing: the title makes room for it, as far as it can.
    const room = columns === null ? Number.POSITIVE_INFINITY : columns - widthOf(head) - state.length - 2;
    const shown = clip(inLine(title), Math.max(leastTitle, room - after.length));
    const tail = clip(after, Math.max(1, room - widthOf(shown)));
    lines.push(`${head}${paint(styleOf[status], state)}  ${shown}${paint('dim', tail)}`);
    const below = (children.get(id) ?? []).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
    const indent = branch === '' ? '' : `${before}${branch.startsWith('└') ? '   ' : '│  '}`;
    for (const [n, child] of below.entries()) add(child, indent, n === below.length - 1 ? '└─ ' : '├─ ');
  };
  const root = items.find(({ id }) => id === rootId);
  if (root !== undefined) add(root, '', '');
  return lines;
}

function belowOf(items: readonly Row[]): Map<TaskId, Row[]> {
  const below = new Map(items.map(({ id }): [TaskId, Row[]] => [id, []]));
  for (const row of items) if (row.parentId != null) below.get(row.parentId)?.push(row);
  return below;
}

/** What could end a label or begin markup is written as entities. */
const label = (title: string): string => inLine(title).replaceAll(/[^\p{L}\p{N} .,:!?()+-]/gu, (sign) => `#${sign.codePointAt(0)};`);

function mermaid(items: readonly Row[]): string[] {
  const known = new Set(items.map(({ id }) => id));
  return [
    'flowchart LR',
    ...items.map(({ id, title = '', status = 'pending' }) => `  ${id}["${label(title)}"]:::${status}`),
    ...items.flatMap(({ id, parentId }) => (parentId != null && known.has(parentId) ? [`  ${parentId} -.- ${id}`] : [])),
    ...items.flatMap((row) => waitsFor(row).flatMap(({ taskId }) => (known.has(taskId) ? [`  ${taskId} --> ${row.id}`] : []))),
  ];
}
