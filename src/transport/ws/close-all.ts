import { closeCodes } from '../../protocol/close-codes.ts';

interface Closable {
  /** Resolves when there is nothing left of it. */
  readonly gone: Promise<void>;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** Tells each that the service restarts, and ends those that have not answered the close after `closeMs`: a mute peer never does. */
export async function closeAll(connections: Iterable<Closable>, closeMs: number): Promise<void> {
  const all = [...connections];
  const gone = Promise.all(all.map((connection) => connection.gone));
  for (const connection of all) connection.close(closeCodes.restart, 'the service restarts');
  if (all.length === 0) return;
  await within(closeMs, gone);
  for (const connection of all) connection.terminate();
  await gone;
}

/** Waits for the work, but not longer than `ms`. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
