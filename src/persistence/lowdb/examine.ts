import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactRef } from '../../protocol/task.ts';
import { artifactsOf } from '../resident/row.ts';
import { Archive } from './archive.ts';
import { damagedLines } from './checkpoint-lines.ts';
import { CorruptStoreError } from './corrupt.ts';
import { createLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { Packs } from './packs.ts';
import { recover } from './recovery.ts';
import type { Recovered } from './recovery.ts';
import { messageOf, systemCode } from './system-error.ts';

/** What a data directory was found to be. Nothing in it was changed. */
export interface Examined {
  /** Null when there is no store in it, or when it can't be read whole. */
  readonly recovered: Recovered | null;
  /** Why it can't be read whole; a service would not start on it. */
  readonly damage: string | null;
  /** What is missing or was set aside; a service starts without it. */
  readonly problems: readonly string[];
  /** Contents that were read and have the hash that they are known by. */
  readonly contents: number;
  /** Pieces that services set aside. */
  readonly quarantined: readonly string[];
}

/** More damaged lines than these are counted, not named. */
const namedLines = 3;

/** Hears how far something long has come. */
export type Telling = (what: string, done: number, total: number) => void;

/** Reads everything that a directory holds, as a start would, and each content of an artifact besides. */
export async function examine(directory: string, tell: Telling = () => {}): Promise<Examined> {
  const layout = createLayout(directory);
  const problems: string[] = [];
  const quarantined = await namesIn(layout.quarantine);
  const archive = new Archive(layout, (line) => problems.push(line));
  let recovered: Recovered | null;
  try {
    recovered = await recover(layout, archive, 0);
  } catch (error) {
    return { recovered: null, damage: await damageOf(error, layout), problems, contents: 0, quarantined };
  }
  if (recovered === null) return { recovered, damage: null, problems, contents: 0, quarantined };
  for (const { id, reason } of recovered.setAside) problems.push(`the record of ${id ?? 'an unknown actor'} can't be taken in: ${reason}`);
  const refs = artifactsOf(recovered.entries);
  for (const tree of archive.trees) {
    try {
      for (const ref of artifactsOf([...(await archive.read(tree)).entries.values()])) refs.push(ref);
    } catch (error) {
      problems.push(`${tree.file}: ${messageOf(error)}`);
    }
  }
  const contents = await checkContents(layout, recovered, refs, problems, tell);
  return { recovered, damage: null, problems, contents, quarantined };
}

/** A checksum is at the end of a file; what it does not match is on a line before it. */
async function damageOf(error: unknown, { checkpoint }: Layout): Promise<string> {
  const message = messageOf(error);
  if (!(error instanceof CorruptStoreError) || error.file !== checkpoint) return message;
  const lines = await damagedLines(checkpoint);
  if (lines.length === 0) return message;
  const more = lines.length > namedLines ? `; and ${lines.length - namedLines} more` : '';
  return `${message} (${lines.slice(0, namedLines).join('; ')}${more})`;
}

async function checkContents(
  layout: Layout,
  { contents }: Recovered,
  refs: readonly ArtifactRef[],
  problems: string[],
  tell: Telling,
): Promise<number> {
  const hasFolder = (await namesIn(layout.directory)).includes(basename(layout.artifacts));
  const packs = hasFolder ? await Packs.open(layout, (line) => problems.push(line)) : null;
  const checked = new Set<string>();
  let good = 0;
  for (const [at, { sha256, name, bytes }] of refs.entries()) {
    tell('reading artifacts', at, refs.length);
    if (checked.has(sha256)) continue;
    checked.add(sha256);
    const content = contents.get(sha256) ?? (await packs?.read(sha256, 0, bytes)) ?? null;
    const found = content === null ? await hashOfFile(layout.artifact(sha256)) : hashOf(content);
    if (found === sha256) good += 1;
    else problems.push(`the artifact ${name} (${sha256}) ${found === null ? 'is missing' : 'is not what was stored'}`);
  }
  return good;
}

const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

async function hashOfFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
