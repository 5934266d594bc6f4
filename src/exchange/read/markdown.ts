import { limits } from '../../protocol/values.ts';
import { fitDescription, fitExternalId, fitTags, fitTitle } from '../fit.ts';
import { outlineOf } from './markdown-outline.ts';
import type { OutlineNode } from './markdown-outline.ts';
import type { Report } from '../report.ts';
import type { Place, ReadOptions, SourceFile, SourceTask } from '../source.ts';

/**
 * Reads checklists as GitHub renders them (GFM task list items), nested, with headings as parents, and of GitHub Spec Kit's `tasks.md` its
 * ids and edges: `- [ ] T014 [P] [US1] Build it (depends on T012, T013)`. No other way to write edges is in common use.
 */

const speckit = /^(T\d{3,}[A-Z]?)\b[:.]?\s+/;
const edges = /\s*\(depends on ((?:T\d{3,}[A-Z]?(?:,\s*|\s+and\s+|\s*&\s*)?)+)\)/i;
const marker = /^\[(P|US\d+)\]\s*/;

interface Words {
  readonly id: string | null;
  readonly title: string;
  readonly tags: readonly string[];
  readonly dependsOn: readonly string[];
}

function wordsOf(text: string): Words {
  const [head, id = null] = speckit.exec(text) ?? [];
  if (head === undefined) return { id, title: text, tags: [], dependsOn: [] };
  const [clause = '', named = ''] = edges.exec(text) ?? [];
  let title = text.slice(head.length).replace(clause, '');
  const tags: string[] = [];
  for (let found = marker.exec(title); found !== null; found = marker.exec(title)) {
    tags.push(found[1] === 'P' ? 'parallel' : (found[1] ?? ''));
    title = title.slice(found[0].length);
  }
  return { id, title, tags, dependsOn: named.match(/T\d{3,}[A-Z]?/g) ?? [] };
}

const statuses: Readonly<Record<string, SourceTask['status']>> = { x: 'done', X: 'done', '-': 'cancelled' };

export function recognizesMarkdown([file]: readonly SourceFile[]): boolean {
  return file !== undefined && /^\s*(?:[-*+]|\d{1,9}[.)])\s+\[.\]/m.test(file.text);
}

export function readMarkdown([file]: readonly SourceFile[], report: Report, { source }: ReadOptions): SourceTask[] {
  if (file === undefined) return [];
  const name = source ?? file.name;
  const { root, deepest } = outlineOf(file.text, file.name);
  const used = new Map<string, number>();
  /** The same words twice under one heading are two tasks. */
  const unique = (path: string): string => {
    const count = (used.get(path) ?? 0) + 1;
    used.set(path, count);
    return count === 1 ? path : `${path} #${count}`;
  };
  const taskOf = (node: OutlineNode, above: string): SourceTask => {
    const place: Place = { file: file.name, line: node.line };
    const words = wordsOf(node.text);
    const key = words.id ?? unique(above === '' ? node.text : `${above}/${node.text}`);
    const { mark } = node;
    if (mark !== null && mark !== ' ' && statuses[mark] === undefined)
      report.remark(place, `the mark [${mark}] is not known: the task is open`);
    return {
      key,
      externalId: fitExternalId('markdown', name, key),
      place,
      status: mark === null ? 'group' : (statuses[mark] ?? 'open'),
      given: {
        title: fitTitle(words.title, report, place),
        description: fitDescription([['', node.lines.join('\n').trim()]], report, place),
        tags: fitTags(words.tags, report, place),
        ...(mark === null && { type: 'breakdown' }),
      },
      dependsOn: words.dependsOn.map((on) => ({ on })),
      tasks: node.children.map((child) => taskOf(child, node === root ? '' : key)),
    };
  };
  if (deepest.depth >= limits.treeDepth) {
    report.fault(
      { file: file.name, line: deepest.line },
      `is nested ${deepest.depth + 1} deep; a tree has at most ${limits.treeDepth} levels`,
    );
    return [];
  }
  const whole = taskOf(root, '');
  if (whole.tasks.length === 0) report.remark({ file: file.name }, 'has no checklist items: a task is a line like "- [ ] Do it"');
  return [{ ...whole, key: '(file)', externalId: fitExternalId('markdown', name, '(file)') }];
}
