import type { SessionId } from '../ids.ts';
import type { Output } from '../protocol/methods.ts';
import type { Link } from './link.ts';

interface Paused {
  readonly id: SessionId;
  readonly rev: number;
}

/** The sessions that are paused now, page by page. */
export async function* pausedSessions(link: Link, project: string | undefined, signal: AbortSignal): AsyncGenerator<Paused> {
  let cursor: string | undefined;
  do {
    const page: Output<'session.list'> = await link.call(
      'session.list',
      { status: ['paused'], limit: 1_000, ...(project === undefined ? {} : { project }), ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    );
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
