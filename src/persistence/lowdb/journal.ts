import { open, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { createSynced, syncDirectory, writeAll } from './durable-file.ts';
import type { FailPoint } from './fail-point.ts';
import type { Layout } from './layout.ts';
import { encodeLine, toHex } from './line.ts';
import type { LineWriter, Part } from './line.ts';

/** A journal's first line. */
export interface JournalHeader {
  readonly format: 1;
  readonly epoch: string;
  readonly n: number;
  /** Events in the log before this journal. */
  readonly seq: number;
  /** Checksum of the log's last line before this journal: whatever follows on that line elsewhere never happened. */
  readonly previous: string;
  readonly writer: string;
}

/** A journal that exists beside its final name, whole and synced. */
export interface PreparedJournal {
  /** Gives it its name. When this fails nobody knows whether the journal exists after a crash. */
  publish(): Promise<Journal>;
}

const writer = `troupe on node ${process.version}`;

/** An append-only file of checksummed lines, written one at a time. A journal that failed once is never written again. */
export class Journal {
  readonly n: number;
  readonly #handle: FileHandle;
  #bytes: number;
  /** What the next line continues: the header's or the last line's checksum. */
  #chain: number;
  #lines: number;

  private constructor(n: number, handle: FileHandle, end: { readonly bytes: number; readonly chain: number; readonly lines: number }) {
    this.n = n;
    this.#handle = handle;
    this.#bytes = end.bytes;
    this.#chain = end.chain;
    this.#lines = end.lines;
  }

  /** A header is never torn: it is synced before the file gets its name. */
  static async prepare(layout: Layout, start: Omit<JournalHeader, 'format' | 'writer'>): Promise<PreparedJournal> {
    const path = layout.journal(start.n);
    const temporary = layout.temporary(`journal.${start.n}`);
    const header: JournalHeader = { format: 1, ...start, writer };
    const { line, check } = encodeLine(header, Number.parseInt(start.previous, 16));
    const handle = await createSynced(temporary, (file) => writeAll(file, line, 0));
    return {
      async publish() {
        try {
          await rename(temporary, path);
          await syncDirectory(layout.directory);
        } catch (error) {
          await handle.close();
          throw error;
        }
        return new Journal(start.n, handle, { bytes: line.length, chain: check, lines: 0 });
      },
    };
  }

  /** Opens a verified journal at its end and syncs it, since a process that was killed may have left lines unsynced. */
  static async continue(
    layout: Layout,
    n: number,
    end: { readonly bytes: number; readonly chain: number; readonly lines: number },
  ): Promise<Journal> {
    const handle = await open(layout.journal(n), 'r+');
    try {
      await handle.truncate(end.bytes);
      await handle.sync();
    } catch (error) {
      await handle.close();
      throw error;
    }
    return new Journal(n, handle, end);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  /** One line, durable when it resolves with its checksum. The next may be appended only then. */
  async append(parts: readonly Part[], lines: LineWriter, failPoint: FailPoint | undefined): Promise<string> {
    const { line, check } = lines.write(parts, this.#chain);
    await writeAll(this.#handle, line, this.#bytes);
    if (failPoint !== undefined) await failPoint('written');
    await this.#handle.datasync();
    if (failPoint !== undefined) await failPoint('synced');
    this.#bytes += line.length;
    this.#chain = check;
    this.#lines += 1;
    return toHex(check);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
