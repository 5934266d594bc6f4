import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TroupeError } from '../errors.ts';
import { methods } from '../protocol/methods.ts';
import { artifactId } from '../protocol/values.ts';
import { pathOf } from './http.ts';
import type { ArtifactId } from '../ids.ts';
import type { ArtifactRef } from '../protocol/task.ts';
import type { Caller } from '../use-cases/caller.ts';
import type { Route } from './http.ts';

/** Finds an artifact that the caller may read, with its bytes page by page; ARTIFACT_NOT_FOUND otherwise. */
export type ReadArtifact = (
  id: ArtifactId,
  caller: Caller,
) => Promise<{ readonly ref: ArtifactRef; readonly pages: AsyncIterable<Uint8Array> }>;

const prefix = '/artifacts/';

/** `GET /artifacts/<id>`: the bytes, as a download. An artifact is anybody's text, so a browser must neither guess its type nor run it. */
export function artifactRoute(readArtifact: ReadArtifact): Route {
  return {
    path: prefix,
    methods: ['GET', 'HEAD'],
    access: 'token',
    async handle(request, response, grant) {
      const { scope } = methods['artifact.get'];
      if (!grant.scopes.includes(scope)) throw new TroupeError('FORBIDDEN', `reading an artifact needs the scope ${scope}`);
      const id = artifactId.safeParse(pathOf(request).slice(prefix.length));
      if (!id.success) throw new TroupeError('ARTIFACT_NOT_FOUND', 'there is no artifact of that id');
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      const { ref, pages } = await readArtifact(id.data, { ...grant, signal: gone.signal });
      response.writeHead(200, {
        'Content-Type': ref.mediaType,
        'Content-Length': ref.bytes,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeName(ref.name)}`,
        ETag: `"${ref.sha256}"`,
      });
      if (request.method === 'HEAD') response.end();
      else await pipeline(Readable.from(pages, { objectMode: false }), response).catch(unlessLeft);
    },
  };
}

/** A client may stop a download. */
function unlessLeft(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
}

/** RFC 8187: everything that is not plainly harmless is percent-encoded. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
