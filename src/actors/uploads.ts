import { TroupeError } from '../errors.ts';
import { defaults } from '../protocol/defaults.ts';
import type { ArtifactRef } from '../protocol/task.ts';
import type { Store } from '../persistence/store.ts';
import { deriveId, freshCommandId } from './derive.ts';

/** Work that is larger than a message, on its way in pieces. Nothing is kept of it until it is whole and its hash is right. */

export interface UploadStart {
  readonly type: ArtifactRef['type'];
  readonly name: string;
  readonly mediaType: string;
}

interface Upload extends UploadStart {
  readonly by: string;
  readonly startedAt: number;
  readonly pieces: Buffer[];
  bytes: number;
  finished: Promise<ArtifactRef> | null;
}

export interface UploadsOptions {
  readonly store: Store;
  /** Largest upload. Default 64 MiB. */
  readonly maxBytes?: number;
  /** All uploads under way together. Default 256 MiB. */
  readonly maxTotalBytes?: number;
}

export class Uploads {
  readonly maxBytes: number;
  readonly #maxTotalBytes: number;
  readonly #store: Store;
  readonly #uploads = new Map<string, Upload>();
  #bytes = 0;

  constructor(options: UploadsOptions) {
    this.#store = options.store;
    this.maxBytes = options.maxBytes ?? defaults.uploadBytes;
    this.#maxTotalBytes = options.maxTotalBytes ?? defaults.uploadsBytes;
  }

  begin(start: UploadStart, by: string): string {
    const startedAt = this.#store.now();
    for (const [id, upload] of this.#uploads) if (startedAt - upload.startedAt > defaults.uploadMs) this.#drop(id);
    if (this.#uploads.size >= defaults.uploads)
      throw new TroupeError('LIMIT_EXCEEDED', 'too many uploads are under way', {
        limit: { name: 'uploads under way', max: defaults.uploads },
        fix: 'finish some uploads, or wait an hour for the abandoned ones to be dropped',
      });
    const id = freshCommandId();
    this.#uploads.set(id, { ...start, by, startedAt, pieces: [], bytes: 0, finished: null });
    return id;
  }

  /** Takes the next piece and answers where the upload ends now. A piece that was taken before is taken once. */
  append(id: string, offset: number, content: string, by: string): number {
    const upload = this.#open(id, by);
    const piece = Buffer.from(content);
    if (offset + piece.length === upload.bytes && upload.pieces.at(-1)?.equals(piece) === true) return upload.bytes;
    if (upload.finished !== null || offset !== upload.bytes)
      throw new TroupeError('INVALID_PARAMS', `offset: the upload ends at ${upload.bytes}`, {
        issues: [{ path: 'offset', message: `the upload ends at ${upload.bytes}` }],
      });
    const bytes = upload.bytes + piece.length;
    if (bytes > this.maxBytes) {
      this.#drop(id);
      throw new TroupeError('LIMIT_EXCEEDED', 'the upload is too large', {
        limit: { name: 'bytes of an upload', max: this.maxBytes, actual: bytes },
      });
    }
    if (this.#bytes + piece.length > this.#maxTotalBytes)
      throw new TroupeError('LIMIT_EXCEEDED', 'the uploads under way are too large together', {
        limit: { name: 'bytes of all uploads under way', max: this.#maxTotalBytes },
        fix: 'finish an upload, then send this piece again',
      });
    upload.pieces.push(piece);
    upload.bytes = bytes;
    this.#bytes += piece.length;
    return bytes;
  }

  /** Makes the upload durable and answers its artifact, the same one when asked again. UPLOAD_MISMATCH drops it; after STORE_UNAVAILABLE it can be finished again. */
  async finish(id: string, expected: string, by: string): Promise<ArtifactRef> {
    const upload = this.#open(id, by);
    upload.finished ??= this.#store.putArtifact(
      { id: deriveId('a', id), type: upload.type, name: upload.name, mediaType: upload.mediaType, createdBy: by, sha256: expected },
      upload.pieces,
    );
    try {
      const ref = await upload.finished;
      if (ref.sha256 !== expected) throw new TroupeError('UPLOAD_MISMATCH', `the upload has the hash ${ref.sha256}`);
      this.#bytes -= upload.bytes;
      upload.pieces.length = 0;
      upload.bytes = 0;
      return ref;
    } catch (error) {
      // A store that was away or full gets the same bytes again.
      if (error instanceof TroupeError && error.retryable) upload.finished = null;
      else this.#drop(id);
      throw error;
    }
  }

  #open(id: string, by: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined || upload.by !== by) throw new TroupeError('UPLOAD_NOT_FOUND', 'there is no such upload of yours');
    return upload;
  }

  #drop(id: string): void {
    this.#bytes -= this.#uploads.get(id)?.bytes ?? 0;
    this.#uploads.delete(id);
  }
}
