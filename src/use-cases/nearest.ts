/** More than these help nobody. */
const mostNamed = 20;

const pairsOf = (text: string): string[] => Array.from({ length: text.length - 1 }, (_, at) => text.slice(at, at + 2).toLowerCase());

/** The names that there are, those first that share most with the one that there is not. */
export function nearest(wanted: string, names: readonly string[]): string[] {
  const pairs = new Set(pairsOf(wanted));
  const likeness = (name: string): number => pairsOf(name).filter((pair) => pairs.has(pair)).length / name.length;
  return names.toSorted((a, b) => likeness(b) - likeness(a) || (a < b ? -1 : 1)).slice(0, mostNamed);
}
