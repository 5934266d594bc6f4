import { everyTask } from '../forest.ts';
import type { ExportedTask } from '../forest.ts';
import { printable } from '../report.ts';

/** Only letters, digits and blanks have no meaning to Mermaid in every place. */
const label = (text: string): string => `"${printable(text).replaceAll(/[^\p{L}\p{N} .,:/-]/gu, (sign) => `#${sign.codePointAt(0)};`)}"`;

/** A flowchart: an arrow leads from what is waited for to who waits, and parents are boxes around their children. */
export function writeMermaid(trees: readonly ExportedTask[]): string {
  const names = new Map<string, string>([...everyTask(trees)].map(({ id }, index) => [id, `n${index}`]));
  const lines = ['flowchart LR'];
  const write = (task: ExportedTask, indent: string): void => {
    const name = names.get(task.id) ?? '';
    if (task.tasks.length === 0) lines.push(`${indent}${name}[${label(task.title)}]:::${task.status}`);
    else {
      lines.push(`${indent}subgraph ${name} [${label(task.title)}]`);
      for (const child of task.tasks) write(child, `${indent}  `);
      lines.push(`${indent}end`);
    }
  };
  for (const tree of trees) write(tree, '  ');
  for (const { id, dependsOn } of everyTask(trees))
    for (const { taskId, kind, direct } of dependsOn) {
      const from = names.get(taskId);
      if (direct && from !== undefined) lines.push(`  ${from} ${kind === 'related' ? '-.-' : '-->'} ${names.get(id)}`);
    }
  for (const [status, style] of Object.entries(styles)) lines.push(`  classDef ${status} ${style}`);
  return `${lines.join('\n')}\n`;
}

const styles = {
  pending: 'fill:#eee,stroke:#888,color:#111',
  in_progress: 'fill:#dbeafe,stroke:#2563eb,color:#111',
  blocked: 'fill:#fef3c7,stroke:#d97706,color:#111',
  completed: 'fill:#dcfce7,stroke:#16a34a,color:#111',
  failed: 'fill:#fee2e2,stroke:#dc2626,color:#111',
  cancelled: 'fill:#f5f5f5,stroke:#bbb,color:#777',
  archived: 'fill:#f5f5f5,stroke:#bbb,color:#777',
};
