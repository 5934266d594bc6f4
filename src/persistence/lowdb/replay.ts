import { appendHistory } from '../resident/history.ts';
import type { Entry } from '../resident/tables.ts';
import type { LogEntry, Write } from '../store.ts';
import type { Archive, ArchivedTree } from './archive.ts';
import { decodeContent } from './artifacts.ts';
import { CorruptStoreError } from './corrupt.ts';
import { formatPosition } from '../resident/position.ts';
import type { Head } from '../resident/position.ts';
import type { SetAsideRecord } from './quarantine.ts';
import type { JournalUnit } from './read-journal.ts';
import { entryProblem, entryText, isEntry } from './stored-entry.ts';

/** The state that a checkpoint and the journals after it add up to. Nothing is looked into before all of it is verified. */
export class Replay {
  readonly archive: Archive;
  readonly contents = new Map<string, Uint8Array>();
  /** Content of tasks that were deleted since the checkpoint. */
  readonly erasable = new Set<string>();
  readonly #entries = new Map<string, Entry>();
  readonly #unfiled: SetAsideRecord[] = [];
  /** Trees that a write brought back from the archive. Their files may be newer than the checkpoint, when one after it failed. */
  readonly #thawed = new Set<string>();

  constructor(archive: Archive) {
    this.archive = archive;
  }

  restore(text: string, value: unknown): void {
    if (isEntry(value)) this.#entries.set(value.record.id, value);
    else this.#unfiled.push({ id: null, text, reason: 'not an entry' });
  }

  async apply(units: readonly JournalUnit[], file: string, offset: number): Promise<void> {
    for (const unit of units) {
      for (const write of unit.writes) {
        const tree = this.archive.treeOf(write.record.id);
        if (tree !== undefined) await this.#thaw(tree);
        this.#write(write, file, offset);
      }
      for (const content of unit.artifacts ?? []) this.contents.set(content.sha256, decodeContent(content));
    }
  }

  /** Splits what was read into what can be taken in and what can't. */
  finish(): { readonly entries: readonly Entry[]; readonly setAside: readonly SetAsideRecord[] } {
    const entries: Entry[] = [];
    const setAside = [...this.#unfiled];
    for (const [id, entry] of this.#entries) {
      const reason = entryProblem(entry);
      if (reason === null) entries.push(entry);
      else setAside.push({ id, text: entryText(entry), reason });
    }
    return { entries, setAside };
  }

  #write({ expectedRev, record, event }: Write, file: string, offset: number): void {
    const before = this.#entries.get(record.id);
    const rev = before?.record.rev ?? 0;
    if (before?.record.kind === 'task' && this.#thawed.has(before.record.rootId) && record.rev <= rev) return;
    if (rev !== expectedRev) throw new CorruptStoreError(file, offset, `revision ${record.rev} of ${record.id} follows on ${rev}`);
    if (event.type === 'task.deleted' && before?.record.kind === 'task')
      for (const { sha256 } of before.record.snapshot.context.artifacts) this.erasable.add(sha256);
    const history = appendHistory(before?.history ?? [], event);
    this.#entries.set(record.id, record.kind === 'task' ? { record, history } : { record, history });
  }

  async #thaw(tree: ArchivedTree): Promise<void> {
    const { entries, setAside } = await this.archive.read(tree);
    this.archive.remove(tree);
    this.#unfiled.push(...setAside);
    this.#thawed.add(tree.root);
    for (const [id, entry] of entries) this.#entries.set(id, entry);
  }
}

/** The events of one journal, in order, with their positions. */
export interface JournalEvents {
  readonly entries: readonly LogEntry[];
  readonly head: Head;
}

/** Collects a journal's events as its batches come. */
export class EventCollector {
  readonly #entries: LogEntry[] = [];
  #head: Head;

  constructor(base: Head) {
    this.#head = base;
  }

  add(units: readonly JournalUnit[], check: string): void {
    let { seq } = this.#head;
    const { epoch } = this.#head;
    for (const { writes } of units) {
      for (const { event } of writes) this.#entries.push({ position: formatPosition({ epoch, seq: ++seq, check }), event });
    }
    this.#head = { epoch, seq, check };
  }

  get events(): JournalEvents {
    return { entries: this.#entries, head: this.#head };
  }
}
