import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArtifactRef } from '../../protocol/task.ts';
import { artifactsOf } from '../resident/row.ts';
import type { Entry } from '../resident/row.ts';
import { Archive } from './archive.ts';
import { inlineBytes } from './artifacts.ts';
import { createSynced, syncDirectory, writeAll } from './durable-file.ts';
import { completeLayout, createLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { Packs } from './packs.ts';
import { writeAnew } from './write-anew.ts';

type ReadContent = (ref: ArtifactRef) => AsyncIterable<Uint8Array>;

/** Contents are written together when they have come to this. */
const batchBytes = 33_554_432;

/** Makes a directory that nobody uses the store of everything that another one holds. Ids and revisions stay, the log begins anew. */
export async function fillDirectory(directory: string, entries: AsyncIterable<readonly Entry[]>, content: ReadContent): Promise<void> {
  const layout = createLayout(directory);
  await completeLayout(layout);
  const all: Entry[] = [];
  const known = new Set<string>();
  for await (const some of entries) {
    all.push(...some);
    const fresh = artifactsOf(some).filter(({ sha256 }) => !known.has(sha256) && known.add(sha256));
    await writeSmall(layout, fresh, content);
    for (const ref of fresh) if (ref.bytes > inlineBytes) await writeLarge(layout, ref, content);
  }
  const archive = new Archive(layout, () => {});
  await writeAnew(layout, { entries: all, setAside: [], archive, contents: new Map(), erasable: new Set() });
}

async function writeSmall(layout: Layout, refs: readonly ArtifactRef[], content: ReadContent): Promise<void> {
  const packs = await Packs.open(layout, () => {});
  let batch: [string, Uint8Array][] = [];
  let bytes = 0;
  for (const ref of refs) {
    if (ref.bytes > inlineBytes) continue;
    const pieces: Uint8Array[] = [];
    for await (const piece of content(ref)) pieces.push(piece);
    batch.push([ref.sha256, Buffer.concat(pieces)]);
    bytes += ref.bytes;
    if (bytes < batchBytes) continue;
    await packs.write(batch, new Set());
    batch = [];
    bytes = 0;
  }
  await packs.write(batch, new Set());
}

async function writeLarge(layout: Layout, ref: ArtifactRef, content: ReadContent): Promise<void> {
  const file = layout.artifact(ref.sha256);
  const temporary = layout.temporary(ref.sha256);
  const handle = await createSynced(temporary, async (into) => {
    let position = 0;
    for await (const piece of content(ref)) {
      await writeAll(into, piece, position);
      position += piece.length;
    }
  });
  await handle.close();
  await mkdir(dirname(file), { recursive: true });
  await rename(temporary, file);
  await syncDirectory(dirname(file));
  await syncDirectory(layout.artifacts);
}
