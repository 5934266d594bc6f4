import { inLines } from './columns.ts';
import { exits } from './exit-codes.ts';
import { variable } from './variables.ts';

/** Data goes to standard output, words for people to standard error. */

/** The version of everything that `--json` prints. */
const jsonVersion = 1;

export const jsonOf = (members: object): string => JSON.stringify({ troupe: jsonVersion, ...members });

export function printJson(members: object): void {
  process.stdout.write(`${jsonOf(members)}\n`);
}

export function printLines(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}

export function say(words: string): void {
  process.stderr.write(`${inLines(words)}\n`);
}

/** A reader that has seen enough, as `head` has, is no fault. */
export function endWithReader(): void {
  process.stdout.on('error', (error) => {
    process.exit('code' in error && error.code === 'EPIPE' ? exits.ok : exits.failed);
  });
}

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;

export type Style = keyof typeof styles;

export interface Screen {
  /** Null when it is no terminal: then nothing is cut, headed or coloured. */
  readonly columns: number | null;
  paint(style: Style, text: string): string;
}

/** Where the data goes to. Colour only on a terminal, and not when NO_COLOR says so (no-color.org). */
export function screen(stream: NodeJS.WriteStream = process.stdout, env: NodeJS.ProcessEnv = process.env): Screen {
  const hasColour = stream.isTTY && variable('NO_COLOR', env) === undefined && variable('TERM', env) !== 'dumb';
  return {
    columns: stream.isTTY ? Math.max(40, stream.columns) : null,
    paint: (style, text) => (hasColour ? `\u001B[${styles[style]}m${text}\u001B[0m` : text),
  };
}
