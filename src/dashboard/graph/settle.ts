/**
 * Where things in a column come to stand that would each like to be at `wished`, in this order and at least `apart` from each other:
 * as near to the wishes as can be (least squares, by pooling neighbours that would overlap). `apart[i]` is between i and i + 1.
 */
export function settle(wished: readonly number[], apart: readonly number[]): number[] {
  const offsets = [0];
  for (const [index, distance] of apart.slice(0, Math.max(0, wished.length - 1)).entries()) offsets.push((offsets[index] ?? 0) + distance);
  const pools: { sum: number; size: number }[] = [];
  for (const [index, wish] of wished.entries()) {
    let pool = { sum: wish - (offsets[index] ?? 0), size: 1 };
    for (let above = pools.at(-1); above !== undefined && above.sum / above.size > pool.sum / pool.size; above = pools.at(-1)) {
      pools.pop();
      pool = { sum: pool.sum + above.sum, size: pool.size + above.size };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, size }) => Array.from({ length: size }, () => sum / size)).map((place, index) => place + (offsets[index] ?? 0));
}
