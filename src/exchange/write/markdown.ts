import { everyTask } from '../forest.ts';
import type { ExportedTask } from '../forest.ts';
import { printable } from '../report.ts';

const marks: Readonly<Record<string, string>> = { completed: 'x', archived: 'x', cancelled: '-' };

/** A nested checklist. When tasks wait for each other they have numbers, and the edges are written as Spec Kit does, so that they can be read again. */
export function writeMarkdown(trees: readonly ExportedTask[]): string {
  const all = [...everyTask(trees)];
  const numbers = new Map<string, string>(all.map(({ id }, index) => [id, `T${String(index + 1).padStart(3, '0')}`]));
  const isNumbered = all.some(({ dependsOn }) => dependsOn.some(({ direct, taskId }) => direct && numbers.has(taskId)));
  const lines: string[] = [];
  const write = (task: ExportedTask, indent: string): void => {
    const awaited = task.dependsOn.filter(({ direct }) => direct).flatMap(({ taskId }) => numbers.get(taskId) ?? []);
    const number = isNumbered ? `${numbers.get(task.id)} ` : '';
    const after = awaited.length === 0 ? '' : ` (depends on ${awaited.join(', ')})`;
    lines.push(`${indent}- [${marks[task.status] ?? ' '}] ${number}${printable(task.title)}${after}`);
    const body = [task.description, ...task.acceptance.map((criterion) => `Accepted when: ${criterion}`)].join('\n').trim();
    // Quoted, so that nothing in it is taken for an item or a heading.
    if (body !== '') for (const line of body.split(/\r?\n/)) lines.push(`${indent}  > ${line}`.trimEnd());
    for (const child of task.tasks) write(child, `${indent}  `);
  };
  for (const tree of trees) write(tree, '');
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
