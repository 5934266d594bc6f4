import { createHash } from 'node:crypto';
import { formatTime } from '../../clock.ts';
import { TroupeError } from '../../errors.ts';
import type { ArtifactId } from '../../ids.ts';
import type { ArtifactRef } from '../../protocol/task.ts';
import type { UploadMeta } from '../store.ts';
import { once } from './database.ts';
import type { Database, Query, Statement } from './database.ts';

/** Content lies in rows of this many bytes, by its hash and their number. */
export const chunkBytes = 262_144;

type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const isLive = `(task is not null or uploaded_at > clock_timestamp() - interval '1 hour')`;

/** The work: references by their ids, content by its hash. What nothing refers to any more is swept. */
export class Artifacts {
  readonly #database: Database;
  readonly #find: Statement;
  readonly #read: Statement;
  readonly #schema: string;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
    this.#find = {
      name: 'artifact',
      text: `select ref, sha256, bytes::float8 as bytes from ${schema}.artifacts where id = $1 and ${isLive}`,
    };
    this.#read = {
      name: 'chunks',
      text: `select n, body from ${schema}.chunks where sha256 = $1 and n between $2 and $3 order by n`,
    };
  }

  async find(id: ArtifactId): Promise<ArtifactRef | null> {
    return (await this.#row(id))?.ref ?? null;
  }

  async read(id: ArtifactId, offset: number, length: number): Promise<Uint8Array> {
    const row = await this.#row(id);
    if (row === null) throw new TroupeError('ARTIFACT_NOT_FOUND', `there is no artifact ${id}`);
    const end = Math.min(offset + length, row.bytes);
    if (end <= offset) return new Uint8Array();
    const first = Math.floor(offset / chunkBytes);
    const last = Math.floor((end - 1) / chunkBytes);
    const chunks = await this.#database.query<{ n: number; body: Uint8Array }>(this.#read, [row.sha256, first, last]);
    const bytes = Buffer.concat(chunks.map(({ body }) => body)).subarray(offset - first * chunkBytes, end - first * chunkBytes);
    if (bytes.length < end - offset) throw new TroupeError('UNREADABLE', `of artifact ${id} less is left than was stored`);
    return Uint8Array.from(bytes);
  }

  /** Stores an upload; until its reference is there, nobody sees anything of it. */
  async put({ sha256, ...meta }: UploadMeta, content: Content, now: number): Promise<ArtifactRef> {
    const hash = createHash('sha256');
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of inChunks(content)) {
      hash.update(chunk);
      chunks.push(chunk);
      bytes += chunk.length;
    }
    const found = hash.digest('hex');
    if (found !== sha256) throw new TroupeError('UPLOAD_MISMATCH', `the upload hashes to ${found}, not ${sha256}`);
    const ref: ArtifactRef = { ...meta, taskId: null, bytes, sha256, createdAt: formatTime(now) };
    // One statement each: a transaction that lasts would hold back everybody's events.
    const s = this.#schema;
    const query = (text: string, values: readonly unknown[]) => this.#database.query({ name: null, text }, values);
    await storeContent(this.#database.query, s, sha256, chunks);
    await query(
      `insert into ${s}.artifacts (id, sha256, bytes, uploaded_at, ref) values ($1, $2, $3, clock_timestamp(), $4::text::json)
        on conflict (id) do update set sha256 = $2, bytes = $3, uploaded_at = clock_timestamp(), ref = $4::text::json where artifacts.task is null`,
      [meta.id, sha256, bytes, JSON.stringify(ref)],
    );
    return ref;
  }

  /** Drops uploads that nobody claimed for an hour, and content that nothing refers to: not what a transaction that still runs may need. */
  async sweep(): Promise<void> {
    const s = this.#schema;
    await this.#database.query({ name: null, text: `delete from ${s}.artifacts where not ${isLive}` });
    await this.#database.query({
      name: null,
      text: `with gone as (
        delete from ${s}.contents c where c.seen < clock_timestamp() - interval '5 minutes'
        and not exists (select from ${s}.artifacts a where a.sha256 = c.sha256) returning c.sha256
      ) delete from ${s}.chunks using gone where chunks.sha256 = gone.sha256`,
    });
  }

  async #row(id: ArtifactId): Promise<{ readonly ref: ArtifactRef; readonly sha256: string; readonly bytes: number } | null> {
    const [row] = await this.#database.query<{ ref: ArtifactRef; sha256: string; bytes: number }>(this.#find, [id]);
    return row ?? null;
  }
}

/** Puts content where its hash finds it; what is there already stays. */
export async function storeContent(query: Query, s: string, sha256: string, content: Content): Promise<void> {
  await query(once(`insert into ${s}.contents (sha256) values ($1) on conflict (sha256) do update set seen = clock_timestamp()`), [sha256]);
  let n = 0;
  for await (const body of inChunks(content))
    await query(once(`insert into ${s}.chunks (sha256, n, body) values ($1, $2, $3) on conflict do nothing`), [sha256, n++, body]);
}

async function* inChunks(content: Content): AsyncIterable<Buffer> {
  let waiting: Buffer = Buffer.alloc(0);
  for await (const piece of content) {
    waiting = Buffer.concat([waiting, piece]);
    for (; waiting.length >= chunkBytes; waiting = waiting.subarray(chunkBytes)) yield waiting.subarray(0, chunkBytes);
  }
  if (waiting.length > 0) yield waiting;
}
