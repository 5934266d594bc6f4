import { median } from './report.ts';

/** Samples of what is compared, by name, one of each per round. */
export type Samples<K extends string, S> = Readonly<Record<K, readonly S[]>>;

/** Takes one sample of each in every round, in an order that turns round, so that a slow minute of the machine meets both. */
export async function interleaved<K extends string, S>(
  names: readonly [K, K],
  rounds: number,
  sample: (name: K) => Promise<S>,
): Promise<Samples<K, S>> {
  const [first, second] = names;
  const taken = { [first]: [] as S[], [second]: [] as S[] } as Record<K, S[]>;
  for (let round = 0; round < rounds; round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) taken[name].push(await sample(name));
  return taken;
}

/** Prints the ratio of each round and their median, beside the goal. */
export function tellRatio(what: string, of: readonly number[], to: readonly number[], goal: string, digits = 2): void {
  const ratios = of.map((value, index) => value / (to[index] ?? Number.NaN));
  const each = ratios.map((ratio) => ratio.toFixed(digits)).join(', ');
  console.log(`${what}, median of ${ratios.length} interleaved rounds: ${median(ratios).toFixed(digits)} (${each}); goal ${goal}`);
}
