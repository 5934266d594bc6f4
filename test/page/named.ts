import { rowOf as readyRow } from './rows.ts';
import type { Row } from '../../src/dashboard/row.ts';

const time = '2026-01-01T00:00:00.000Z';

/** A row that is told apart by its id alone, with whatever the test is about. */
export const rowOf = (id: string, given: Partial<Omit<Row, 'id' | 'rootId'>> & { readonly rootId?: string } = {}): Row =>
  readyRow({ title: `Task ${id}`, allowed: ['START', 'CANCEL'], createdAt: time, updatedAt: time, ...given, id });

export const mapOf = (rows: readonly Row[]): Map<string, Row> => new Map(rows.map((row) => [row.id, row]));
