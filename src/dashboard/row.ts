import type { Task } from '../protocol/task.ts';
import type { Row as ViewRow } from '../client/view-rows.ts';

/** What the page holds of every task. */
export const rowFields = [
  'rootId',
  'parentId',
  'position',
  'title',
  'status',
  'ready',
  'type',
  'specialist',
  'priority',
  'attempt',
  'maxAttempts',
  'progress',
  'blocked',
  'notBefore',
  'dueAt',
  'lease',
  'dependsOn',
  'dependents',
  'children',
  'tags',
  'project',
  'allowed',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof Task)[];

export type Row = ViewRow<(typeof rowFields)[number]>;

/** Dependencies that hold the task back now. */
export const waitsOn = ({ dependsOn }: Pick<Row, 'dependsOn'>): number =>
  dependsOn.filter(({ mandatory, waived, status }) => mandatory && !waived && status !== 'satisfied').length;

export const childrenOf = ({ children }: Pick<Row, 'children'>): number =>
  children.open + children.completed + children.failed + children.cancelled;

/** Whether a person is asked something. */
export const asks = ({ status, blocked }: Pick<Row, 'status' | 'blocked'>): boolean => status === 'blocked' && blocked?.question != null;
