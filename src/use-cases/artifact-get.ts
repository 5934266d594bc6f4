import { TroupeError } from '../errors.ts';
import { openArtifact } from './artifact-access.ts';
import type { Handler } from './services.ts';

/** A byte that goes on with a character of UTF-8 (RFC 3629, section 3). */
const continues = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** A byte order mark where a page happens to begin is part of the work. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export const getArtifact: Handler<'artifact.get'> = async (services, input, caller) => {
  const { artifactId, offset, limit } = input;
  const artifact = await openArtifact(services, artifactId, caller);
  // One byte more tells whether the page ends inside a character.
  const bytes = await services.store.readArtifact(artifactId, { offset, length: limit + 1 });
  if (continues(bytes[0]))
    throw new TroupeError('INVALID_PARAMS', 'offset: inside a character', {
      issues: [{ path: 'offset', message: 'inside a character: use a nextOffset' }],
    });
  let end = Math.min(bytes.length, limit);
  while (end > 0 && end < bytes.length && continues(bytes[end])) end--;
  const nextOffset = offset + end;
  return {
    artifact,
    content: decoder.decode(bytes.subarray(0, end)),
    offset,
    nextOffset: nextOffset >= artifact.bytes ? null : nextOffset,
  };
};
