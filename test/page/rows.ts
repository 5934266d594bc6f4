import type { Row } from '../../src/dashboard/row.ts';

let made = 0;

/** A row of the page, a ready task unless told otherwise. */
export function rowOf(given: Partial<Omit<Row, 'id' | 'rootId'>> & { readonly id?: string; readonly rootId?: string } = {}): Row {
  made += 1;
  const id = given.id ?? `t_${String(made).padStart(26, '0')}`;
  const time = new Date(Date.UTC(2026, 0, 1, 12, 0, made)).toISOString();
  const row: Omit<Row, 'id' | 'rootId'> = {
    parentId: null,
    position: 0,
    title: `Task ${made}`,
    status: 'pending',
    ready: true,
    type: 'standard',
    specialist: 'generic',
    priority: 5,
    attempt: 0,
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
    allowed: [],
    createdAt: time,
    updatedAt: time,
    rev: 1,
    last: null,
  };
  return { ...row, ...given, id, rootId: given.rootId ?? id } as Row;
}
