/** An edge between tasks that are named by their places in a list. */
export type Link = readonly [from: number, to: number];

/**
 * How many others have to be done before each, one after the other. Dependencies have no circles; should there be one all the same,
 * it is cut where the list comes to it first.
 */
export function levelsOf(count: number, links: readonly Link[]): number[] {
  const after: number[][] = Array.from({ length: count }, () => []);
  const waits = Array.from({ length: count }, () => 0);
  for (const [from, to] of links) {
    after[from]?.push(to);
    waits[to] = (waits[to] ?? 0) + 1;
  }
  const levels = Array.from({ length: count }, () => 0);
  const placed = Array.from({ length: count }, () => false);
  const free = waits.flatMap((number, index) => (number === 0 ? [index] : []));
  for (let cut = 0, done = 0; done < count;) {
    const index = free.pop() ?? nextOf(placed, cut);
    if (placed[index] === true) continue;
    placed[index] = true;
    done += 1;
    while (placed[cut] === true) cut += 1;
    for (const follower of after[index] ?? []) {
      if (placed[follower] === true) continue;
      levels[follower] = Math.max(levels[follower] ?? 0, (levels[index] ?? 0) + 1);
      const left = (waits[follower] ?? 0) - 1;
      waits[follower] = left;
      if (left === 0) free.push(follower);
    }
  }
  return levels;
}

const nextOf = (placed: readonly boolean[], from: number): number => {
  const index = placed.indexOf(false, from);
  return index === -1 ? from : index;
};
