/** Identifiers: one letter for the kind, then 130 bits in Crockford's base 32, lower case. */

export type TaskId = `t_${string}`;
export type SessionId = `s_${string}`;
export type ArtifactId = `a_${string}`;
export type LeaseId = `l_${string}`;
/** What an actor's record is filed under. */
export type ActorId = TaskId | SessionId;

export type IdKind = 't' | 's' | 'a' | 'l';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const digits = 26;

/** The patterns that every edge checks ids against. */
export const idPatterns = {
  t: /^t_[0-9a-hjkmnp-tv-z]{26}$/,
  s: /^s_[0-9a-hjkmnp-tv-z]{26}$/,
  a: /^a_[0-9a-hjkmnp-tv-z]{26}$/,
  l: /^l_[0-9a-hjkmnp-tv-z]{26}$/,
} as const;

/** Writes the first 130 bits of `bytes` (17 bytes or more) as an id of the kind. */
export function encodeId<K extends IdKind>(kind: K, bytes: Uint8Array): `${K}_${string}` {
  if (bytes.length < 17) throw new RangeError('an id needs 17 bytes');
  // From character codes: a text that grows by concatenation stays in memory as a tree of its pieces.
  const codes: number[] = [];
  let buffer = 0;
  let bits = 0;
  let next = 0;
  while (codes.length < digits) {
    if (bits < 5) {
      buffer = ((buffer << 8) | (bytes[next++] ?? 0)) & 0xfff;
      bits += 8;
    }
    bits -= 5;
    codes.push(alphabet.charCodeAt((buffer >>> bits) & 31));
  }
  return `${kind}_${String.fromCharCode(...codes)}`;
}

export function isTaskId(text: string): text is TaskId {
  return idPatterns.t.test(text);
}
