import type { Row } from '../../src/dashboard/row.ts';

/** A row of the page's live view, with whatever the test is about. */
export function rowOf(id: string, given: Partial<Row> = {}): Row {
  return {
    id: id as Row['id'],
    rev: 1,
    last: null,
    rootId: id as Row['rootId'],
    parentId: null,
    position: 0,
    title: `Task ${id}`,
    status: 'pending',
    ready: true,
    type: 'standard',
    specialist: 'generic',
    priority: 5,
    attempt: 1,
    maxAttempts: 3,
    progress: null,
    blocked: null,
    notBefore: null,
    dueAt: null,
    lease: null,
    dependsOn: [],
    dependents: 0,
    children: { open: 0, completed: 0, failed: 0, cancelled: 0 },
    tags: [],
    project: 'default',
    allowed: ['START', 'CANCEL'],
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...given,
  };
}

export const mapOf = (rows: readonly Row[]): Map<string, Row> => new Map(rows.map((row) => [row.id, row]));
