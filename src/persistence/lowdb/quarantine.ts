import { access, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { idPatterns } from '../../ids.ts';
import type { ActorId } from '../../ids.ts';
import { replaceFile, syncDirectory } from './durable-file.ts';
import type { Layout } from './layout.ts';
import { toHex } from './line.ts';
import type { Problems } from './problems.ts';

/** A stored record that can't be taken in. Its line goes from checkpoint to checkpoint as it was found. */
export interface SetAsideRecord {
  /** Null when not even that can be read. */
  readonly id: string | null;
  readonly text: string;
  readonly reason: string;
}

/** What could not be read, kept as it was found. */
export interface Quarantine {
  /** Records and pieces kept by this process. */
  readonly count: number;
  /** The lines that belong into every checkpoint. */
  readonly lines: readonly string[];
  /** Whether a record that can't be read is stored under the id, so that nothing else may be. */
  holds(id: ActorId): boolean;
  /** Whether such a record may refer to the content: its text names the hash. */
  mentions(sha256: string): boolean;
  /** Reports a stored record that was left out, and keeps a copy. */
  leaveOut(record: SetAsideRecord): Promise<void>;
  /** Reports and keeps a copy of anything else. Once for each name. */
  keep(name: string, bytes: Uint8Array, line: string): Promise<void>;
}

const isActorId = (id: unknown): id is ActorId => typeof id === 'string' && (idPatterns.t.test(id) || idPatterns.s.test(id));

/** `<id>-<rev>.json`; what carries no usable id is named by its checksum. */
export function fileNameOf(record: unknown, text: string): string {
  const { id, rev }: { id?: unknown; rev?: unknown } = typeof record === 'object' && record !== null ? record : {};
  return isActorId(id) && typeof rev === 'number' ? `${id}-${rev}.json` : `record-${toHex(crc32(text))}.json`;
}

export function createQuarantine(layout: Layout, problems: Problems): Quarantine {
  const kept = new Set<string>();
  const held = new Set<string>();
  const lines: string[] = [];

  async function keep(name: string, bytes: Uint8Array, line: string): Promise<void> {
    if (kept.has(name)) return;
    kept.add(name);
    problems.report(`${line}; kept as quarantine/${name}`);
    const path = join(layout.quarantine, name);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    // The first copy is the one that was found.
    if (isThere) return;
    await mkdir(layout.quarantine, { recursive: true });
    await replaceFile(path, layout.temporary(basename(name)), bytes);
    await syncDirectory(layout.quarantine);
  }

  return {
    get count() {
      return kept.size;
    },
    get lines() {
      return lines;
    },
    holds: (id) => held.has(id),
    mentions: (sha256) => lines.some((text) => text.includes(sha256)),
    keep,
    async leaveOut({ id, text, reason }) {
      if (lines.includes(text)) return;
      lines.push(text);
      if (id !== null) held.add(id);
      const value: unknown = JSON.parse(text);
      const record: unknown = typeof value === 'object' && value !== null && 'record' in value ? value.record : value;
      await keep(
        fileNameOf(record, text),
        Buffer.from(text),
        `the record of ${id ?? 'an unknown actor'} can't be taken in (${reason}) and is left out`,
      );
    },
  };
}
