import { recordProblem } from '../../machines/envelope.ts';
import type { Entry, TaskEntry } from '../resident/row.ts';

/** A line of a checkpoint or of an archived tree. */
export const entryText = ({ record, history }: Entry): string => JSON.stringify({ record, history });

/** Whether a value has an entry's outline and can be filed under an id. Its record is believed only without an `entryProblem`. */
export function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null || !('record' in value) || !('history' in value)) return false;
  const { record, history } = value;
  return typeof record === 'object' && record !== null && 'id' in record && typeof record.id === 'string' && Array.isArray(history);
}

export const isTaskEntry = (entry: Entry): entry is TaskEntry => entry.record.kind === 'task';

export const entryProblem = ({ record }: Entry): string | null => recordProblem(record);
