import { screen } from './output.ts';

/** How far something long has come, on standard error, and only for somebody who waits at a terminal. */

const waitMs = 500;
const everyMs = 100;
const most = 30;

interface Progress {
  /** `what` is a word or two for people: "reading artifacts". The total is left out where it is not known. */
  at(what: string, done: number, total?: number): void;
  /** Takes the line away again. */
  end(): void;
}

const silent: Progress = { at: () => {}, end: () => {} };

interface ProgressOptions {
  readonly json?: true | undefined;
}

/** What is done before half a second has gone shows nothing. */
export function startProgress({ json }: ProgressOptions, stream: NodeJS.WriteStream = process.stderr): Progress {
  const { columns } = screen(stream);
  if (json === true || columns === null) return silent;
  let next = performance.now() + waitMs;
  let isShown = false;
  return {
    at(what, done, total) {
      const now = performance.now();
      if (now < next) return;
      next = now + everyMs;
      isShown = true;
      stream.write(`\r${lineOf(what, done, total, columns)}\u001B[K`);
    },
    end() {
      if (isShown) stream.write('\r\u001B[K');
      next = Number.POSITIVE_INFINITY;
      isShown = false;
    },
  };
}

/** Hears how far something long has come. */
export type Telling = (what: string, done: number, total: number) => void;

export async function withProgress<T>(options: ProgressOptions, work: (tell: Telling) => Promise<T>): Promise<T> {
  const progress = startProgress(options);
  try {
    return await work((what, done, total) => progress.at(what, done, total));
  } finally {
    progress.end();
  }
}

function lineOf(what: string, done: number, total: number | undefined, columns: number): string {
  if (total === undefined || total === 0) return `${what} ${done}`.slice(0, columns - 1);
  const share = Math.min(1, done / total);
  const words = `${what} ${done} of ${total}`;
  const width = Math.min(most, columns - words.length - 4);
  if (width < 5) return words.slice(0, columns - 1);
  const filled = Math.round(share * width);
  return `${words} [${'#'.repeat(filled)}${' '.repeat(width - filled)}]`;
}
