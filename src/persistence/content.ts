import type { ArtifactRef } from '../protocol/task.ts';
import type { Store } from './store.ts';

/** As large as a chunk on PostgreSQL: of a smaller page each chunk would be read several times. */
const pageBytes = 262_144;

/** The whole content of an artifact, page by page. */
export async function* contentOf(store: Store, { id, bytes }: Pick<ArtifactRef, 'id' | 'bytes'>): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes; offset += pageBytes) yield await store.readArtifact(id, { offset, length: pageBytes });
}
