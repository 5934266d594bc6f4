/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly outcome: 'passed' | 'failed as expected' | 'failed' | 'passed unexpectedly';
  /** Why it failed. */
  readonly why?: string;
}

export const isWrong = ({ outcome }: Row): boolean => outcome === 'failed' || outcome === 'passed unexpectedly';

export function print(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, outcome, why } of rows) console.log(`${what.padEnd(width)}  ${outcome}${why === undefined ? '' : `: ${why}`}`);
}
