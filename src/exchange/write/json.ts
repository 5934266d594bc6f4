import { everyTask } from '../forest.ts';
import type { ExportedTask } from '../forest.ts';
import { troupeFormat } from '../read/troupe.ts';

/** Our own format: what tasks were given and what came of it, without history and the bytes of artifacts. */
export function writeJson(trees: readonly ExportedTask[]): string {
  // A review is made with its subject, and so are the edges on it.
  const subjects = new Map([...everyTask(trees)].flatMap(({ id, reviewOf }) => (reviewOf === null ? [] : [[id, reviewOf] as const])));
  const tasks = trees.flatMap((tree) =>
    tree.reviewOf !== null && subjects.has(tree.id) && tree.tasks.length === 0 ? [] : [told(tree, subjects)],
  );
  return `${JSON.stringify({ ...troupeFormat, tasks }, null, 2)}\n`;
}

function told(task: ExportedTask, subjects: ReadonlyMap<string, string>): object {
  const { parentId: _parent, position: _position, reviewOf: _reviewOf, dependsOn, tasks, artifacts, ...rest } = task;
  const edges = new Map<string, object>();
  for (const { taskId, kind, mandatory, artifactType, direct } of dependsOn) {
    const on = subjects.get(taskId) ?? taskId;
    if (!direct || (on !== taskId && edges.has(on))) continue;
    edges.set(on, { task: on, kind: on === taskId ? kind : 'completion', mandatory, ...(artifactType !== undefined && { artifactType }) });
  }
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return {
    ...present,
    dependsOn: [...edges.values()],
    ...(artifacts.length > 0 && { artifacts: artifacts.map(({ id, type, name, bytes, sha256 }) => ({ id, type, name, bytes, sha256 })) }),
    ...(tasks.length > 0 && { tasks: tasks.filter(({ id }) => !subjects.has(id)).map((child) => told(child, subjects)) }),
  };
}
