import { TroupeError } from '../errors.ts';
import type { Output } from '../protocol/methods.ts';
import { sha256Of } from './sha256.ts';

/** Sends one request of an upload until it is answered. */
export type Ask = <M extends 'artifact.begin' | 'artifact.append' | 'artifact.finish'>(method: M, params: object) => Promise<Output<M>>;

/** What a method was given. */
export type Params = Readonly<Record<string, unknown>>;

/** What JSON makes of a character at most: `\u0000`. */
const bytesOfCharacter = 6;
/** For what stands around the piece. */
const envelopeBytes = 1_024;
const attempts = 5;

/** Pieces that each fit into a message, whatever they are made of. None ends inside a character. */
function* piecesOf(text: string, maxMessageBytes: number): Generator<string> {
  const length = Math.max(2, Math.floor((maxMessageBytes - envelopeBytes) / bytesOfCharacter));
  for (let start = 0; start < text.length;) {
    let end = Math.min(text.length, start + length);
    if (end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xffff) end -= 1;
    yield text.slice(start, end);
    start = end;
  }
}

/** Completions whose upload is remembered, so that the caller can send them again. */
const remembered = 32;

/** Completions with work that no message can carry: it is uploaded, and the completion claims it. */
export class Uploading {
  readonly #done = new Map<string, { readonly sha256: string; readonly artifactId: string }>();

  /**
   * The same completion without the work but with a claim of its upload, which is durable by then. Made twice for the same command it
   * is the same upload: the claim is a part of the command.
   */
  async claiming(ask: Ask, params: Params, text: string, maxMessageBytes: number): Promise<Params> {
    if (!text.isWellFormed()) {
      const message = 'not well-formed Unicode: a surrogate stands alone';
      throw new TroupeError('INVALID_PARAMS', `detailedWork: ${message}`, {
        issues: [{ path: 'detailedWork', message }],
        fix: 'mend the text',
      });
    }
    const { detailedWork: _text, artifactType: type = 'general', artifactName, artifacts, ...rest } = params;
    const name = typeof artifactName === 'string' ? artifactName : `${String(type)}.md`;
    const sha256 = await sha256Of(text);
    const key = `${String(params['taskId'])} ${String(params['commandId'])}`;
    const known = this.#done.get(key);
    const artifactId =
      known?.sha256 === sha256 ? known.artifactId : await upload(ask, { text, sha256, start: { type, name } }, maxMessageBytes);
    this.#done.set(key, { sha256, artifactId });
    for (const oldest of this.#done.keys()) {
      if (this.#done.size <= remembered) break;
      this.#done.delete(oldest);
    }
    return { ...rest, artifacts: [{ artifactId }, ...(Array.isArray(artifacts) ? artifacts : [])] };
  }
}

/** A service that started again in the middle knows nothing of the pieces, so they are sent again. */
async function upload(
  ask: Ask,
  work: { readonly text: string; readonly sha256: string; readonly start: object },
  maxMessageBytes: number,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { uploadId } = await ask('artifact.begin', work.start);
      let offset = 0;
      for (const content of piecesOf(work.text, maxMessageBytes))
        ({ offset } = await ask('artifact.append', { uploadId, offset, content }));
      return (await ask('artifact.finish', { uploadId, sha256: work.sha256 })).artifactId;
    } catch (error) {
      if (!(error instanceof TroupeError) || error.reason !== 'UPLOAD_NOT_FOUND' || attempt === attempts) throw error;
    }
  }
}
