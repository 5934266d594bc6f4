import { call } from '../app.ts';
import { refusalOf } from '../refusal.ts';
import { rowFields } from '../row.ts';
import type { TroupeError } from '../../errors.ts';
import type { Row } from '../row.ts';
import type { filterOf } from './asking.ts';

/** What the service named. It does not change by itself: only what the page's own view holds is live. */
export interface Found {
  readonly state: 'none' | 'asking' | 'answered' | 'failed';
  readonly rows: ReadonlyMap<string, Row>;
  readonly hasMore: boolean;
  readonly error: TroupeError | null;
}

export const noneFound: Found = { state: 'none', rows: new Map(), hasMore: false, error: null };

const limit = 1_000;

/** Every field was asked for. */
type Partly = { readonly [F in keyof Row]?: Row[F] | undefined };
const isWhole = (item: Partly): item is Partly & Omit<Row, 'last'> => rowFields.every((field) => item[field] !== undefined);

/** The newest tasks that pass the filter. */
export async function ask(filter: ReturnType<typeof filterOf>, signal: AbortSignal, tell: (found: Found) => void): Promise<void> {
  tell({ ...noneFound, state: 'asking' });
  try {
    const { items, nextCursor } = await call('task.list', { filter, sort: '-updated', limit, fields: [...rowFields, 'rev'] }, { signal });
    const rows = new Map<string, Row>(items.flatMap((item) => (isWhole(item) ? [[item.id, { ...item, last: null }] as const] : [])));
    if (!signal.aborted) tell({ state: 'answered', rows, hasMore: nextCursor !== null, error: null });
  } catch (error) {
    if (signal.aborted) return;
    tell({ ...noneFound, state: 'failed', error: refusalOf(error) });
  }
}
