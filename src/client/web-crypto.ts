import { TroupeError } from '../errors.ts';

/** Browsers have the whole of it in secure contexts only: https, or this very machine. */
const { subtle } = crypto as Partial<typeof crypto>;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A random UUID (RFC 9562, version 4). */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const text = hex(bytes);
  const variant = (((bytes[8] ?? 0) & 0x3) | 0x8).toString(16);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
}

/** The SHA-256 of the text in UTF-8. TOO_LARGE where there is none, since only work that no message can carry needs it. */
export async function sha256Of(text: string): Promise<string> {
  if (subtle === undefined) {
    throw new TroupeError('TOO_LARGE', 'the work is larger than a message may be, and this page can upload nothing', {
      fix: 'open the page over https or from the machine itself: browsers hash uploads in secure contexts only',
    });
  }
  return hex(new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text))));
}
