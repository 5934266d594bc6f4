import type { Layout } from './layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down' | 'next' | 'previous';

/** Where a step leads from a task: along an edge, within its level, or in the order of all levels. Null when it leads nowhere. */
export function walk({ nodes, edges, levels }: Layout, from: string | null, to: Direction): string | null {
  const all = levels.flat();
  const node = from === null ? undefined : nodes.get(from);
  if (node === undefined) return all[0] ?? null;
  if (to === 'next' || to === 'previous') return all[all.indexOf(node.id) + (to === 'next' ? 1 : -1)] ?? null;
  if (to === 'up' || to === 'down') {
    const level = levels[node.level] ?? [];
    return level[level.indexOf(node.id) + (to === 'down' ? 1 : -1)] ?? null;
  }
  const ends = edges.flatMap((edge) => {
    if (to === 'left') return edge.to === node.id ? [edge.from] : [];
    return edge.from === node.id ? [edge.to] : [];
  });
  const distance = (id: string): number => Math.hypot((nodes.get(id)?.x ?? 0) - node.x, (nodes.get(id)?.y ?? 0) - node.y);
  return ends.sort((one, other) => distance(one) - distance(other) || (one < other ? -1 : 1))[0] ?? null;
}
