import type { Log } from '../resident/log.ts';
import type { Tables } from '../resident/tables.ts';
import type { LogEntry } from '../store.ts';
import type { AdapterHooks, StagedUnit } from './adapter.ts';
import type { Artifacts } from './artifacts.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { Measures } from './measures.ts';
import { formatPosition } from '../resident/position.ts';
import type { Problems } from './problems.ts';
import type { Revisions } from './revisions.ts';
import type { StoredLines } from './stored-lines.ts';
import { messageOf } from './system-error.ts';
import type { Uploads } from './uploads.ts';

export interface SettleParts {
  readonly tables: Tables;
  readonly log: Log;
  readonly artifacts: Artifacts;
  readonly uploads: Uploads;
  readonly revisions: Revisions;
  readonly storedLines: StoredLines;
  readonly checkpointer: Checkpointer;
  readonly problems: Problems;
  readonly measures: Measures;
}

/** What becomes of staged units: records, events and artifacts are shown only from here on, when they are durable. */
export function createSettlement({
  tables,
  log,
  artifacts,
  uploads,
  revisions,
  storedLines,
  checkpointer,
  problems,
  measures,
}: SettleParts): AdapterHooks {
  function show({ unit, inline, pinned }: StagedUnit): void {
    for (const { record, event } of unit.writes) {
      storedLines.forget(record.id);
      if (record.kind !== 'task' || event.type !== 'task.deleted') continue;
      for (const ref of tables.get(record.id)?.record.snapshot.context.artifacts ?? []) artifacts.mayErase(ref.sha256);
    }
    tables.apply(unit.writes);
    revisions.settle(unit);
    for (const [sha256, content] of inline) artifacts.add(sha256, content);
    for (const { ref, content } of unit.artifacts) {
      if (content !== null) continue;
      uploads.forget(ref.id).catch((error: unknown) => problems.report(`uploads/${ref.id}.json can't be removed: ${messageOf(error)}`));
    }
    for (const sha256 of pinned) artifacts.unpin(sha256);
  }

  return {
    committed({ units, before, check, journalBytes }) {
      const now = performance.now();
      measures.batches.observe(units.length);
      for (const { at } of units) measures.commits.observe((now - at) / 1e3);
      const { epoch } = before;
      let { seq } = before;
      let position = log.head;
      const entries: LogEntry[] = [];
      for (const staged of units) {
        for (const { event } of staged.unit.writes) {
          position = formatPosition({ epoch, seq: ++seq, check });
          entries.push({ position, event });
        }
        staged.position = position;
        show(staged);
      }
      log.append(entries, position);
      if (checkpointer.isOutgrown(journalBytes)) checkpointer.request();
    },
    failed(lost, error) {
      revisions.clear();
      for (const { unit, pinned } of lost) {
        for (const sha256 of pinned) artifacts.unpin(sha256);
        for (const { ref, content } of unit.artifacts) if (content === null) uploads.release(ref.id);
      }
      problems.raise('journal', `commands are refused until a checkpoint and a new journal are written: ${error.message}`);
      checkpointer.request();
    },
    resumed() {
      problems.settle('journal');
    },
  };
}
