/** Something in a column that would like to be at `wish`. */
export interface Settler {
  readonly wish: number;
  y: number;
}

/**
 * Puts what stands in a column, in this order and at least so far apart, as near to its wishes as can be (least squares): whoever would
 * overlap is pooled, and the pool goes where its members wish on average.
 */
export function settle<T extends Settler>(column: readonly T[], apart: (above: T, below: T) => number): void {
  const offsets: number[] = [];
  const sums: number[] = [];
  const sizes: number[] = [];
  let offset = 0;
  let above: T | null = null;
  for (const item of column) {
    if (above !== null) offset += apart(above, item);
    above = item;
    offsets.push(offset);
    let sum = item.wish - offset;
    let size = 1;
    for (let last = sums.length - 1; last >= 0 && (sums[last] ?? 0) / (sizes[last] ?? 1) > sum / size; last--) {
      sum += sums.pop() ?? 0;
      size += sizes.pop() ?? 0;
    }
    sums.push(sum);
    sizes.push(size);
  }
  let index = 0;
  for (const [pool, size] of sizes.entries())
    for (const end = index + size; index < end; index++) {
      const item = column[index];
      if (item !== undefined) item.y = (sums[pool] ?? 0) / size + (offsets[index] ?? 0);
    }
}
