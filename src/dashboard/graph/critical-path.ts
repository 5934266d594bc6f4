import type { PlanGraph } from './plan-graph.ts';

/** The longest chain of what is not done yet, first task first: no sooner than this is the plan done. Empty when nothing waits. */
export function criticalPath({ ids, edges }: PlanGraph, isOpen: (id: string) => boolean): string[] {
  const open = ids.filter(isOpen);
  const after = new Map(open.map((id) => [id, new Set<string>()]));
  const waits = new Map(open.map((id) => [id, 0]));
  for (const { from, to, isLoose } of edges) {
    const followers = after.get(from);
    const count = waits.get(to);
    if (isLoose || followers === undefined || count === undefined || followers.has(to)) continue;
    followers.add(to);
    waits.set(to, count + 1);
  }
  const length = new Map(open.map((id) => [id, 1]));
  const before = new Map<string, string>();
  // Grows while it is walked; what is in a circle never gets in.
  const free = open.filter((id) => waits.get(id) === 0);
  let last: string | null = null;
  for (const id of free) {
    const reached = length.get(id) ?? 1;
    if (last === null || reached > (length.get(last) ?? 1)) last = id;
    for (const follower of after.get(id) ?? []) {
      if (reached + 1 > (length.get(follower) ?? 1)) {
        length.set(follower, reached + 1);
        before.set(follower, id);
      }
      const left = (waits.get(follower) ?? 0) - 1;
      waits.set(follower, left);
      if (left === 0) free.push(follower);
    }
  }
  const path: string[] = [];
  for (let id = last ?? undefined; id !== undefined; id = before.get(id)) path.unshift(id);
  return path.length > 1 ? path : [];
}
