import { hash, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { encodeId } from '../ids.ts';
import type { IdKind } from '../ids.ts';

/** Ids and fingerprints that follow from what they stand for, so that any node that is asked twice finds the first answer. */

/** The id that follows from the parts; the same parts always give the same id. */
export function deriveId<K extends IdKind>(kind: K, ...parts: readonly string[]): `${K}_${string}` {
  return encodeId(kind, hash('sha256', `${kind}\0${parts.join('\0')}`, 'buffer'));
}

/** For a caller who gave no command id: then a resend is a new command. */
export function freshCommandId(): string {
  return randomUUID();
}

/** Tells a resent command from another one with the same id: a checksum and a length, since the mistake is an accident and a secret is no part of it. */
export function payloadHash(by: string, method: string, payload: unknown): string {
  const text = `${by}\0${method}\0${JSON.stringify(payload)}`;
  return `${crc32(text).toString(36)}.${text.length.toString(36)}`;
}

/** SHA-256 in hexadecimal, of bytes or of a text's UTF-8. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
