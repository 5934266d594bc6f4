import { recordProblem } from '../machines/envelope.ts';
import { taskMachineVersion } from '../machines/task.ts';
import type { SessionRecord, TaskRecord } from '../persistence/store.ts';

/**
 * What a record must be before an actor is made of it. XState persists a snapshot that it does not understand
 * without value and context, so nothing is handed to it that was not checked.
 */

/** Lifts a record from machine version `n` (its place in the list, from 1) to the next. */
type Migration = (record: TaskRecord) => TaskRecord;

/** One per version of the task machine that is no longer the newest; old snapshots are read for ever. */
const migrations: readonly Migration[] = [];

/** The record as today's machine understands it, or why it can't be restored. */
export function restorable(record: TaskRecord, steps: readonly Migration[] = migrations): TaskRecord | string {
  let current = record;
  for (let version = record.machine.version; version < taskMachineVersion; version++) {
    const step = steps[version - 1];
    if (step === undefined) return `no migration from version ${version} of the machine`;
    try {
      current = step(current);
    } catch (error) {
      return `the migration from version ${version} of the machine failed: ${String(error)}`;
    }
  }
  return recordProblem(current) ?? current;
}

/** As `restorable`; the session machine has one version so far. */
export function restorableSession(record: SessionRecord): SessionRecord | string {
  return recordProblem(record) ?? record;
}
