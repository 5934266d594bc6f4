import { metrics } from '../../src/machines/diagram/layout.ts';

/** How wide events are when they are written down, and how they are broken into lines. */

/** A state is no wider than this for the events that it takes and stays. */
const stayWidth = 180;

const widthOf = (line: readonly string[]): number => line.join(' '.repeat(metrics.gap)).length * metrics.eventChar;

export const widest = (lines: readonly (readonly string[])[]): number => Math.max(0, ...lines.map(widthOf));

/** Words in lines no wider than `limit`, unless one word is. */
export function wrap(words: readonly string[], limit = stayWidth): string[][] {
  const lines: string[][] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf([...last, word]) <= limit) last.push(word);
    else lines.push([word]);
  }
  return lines;
}
