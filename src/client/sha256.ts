import { TroupeError } from '../errors.ts';
import { hex } from './random-id.ts';

/** Browsers have the whole of it in secure contexts only: https, or this very machine. */
const { subtle } = crypto as Partial<typeof crypto>;

/** The SHA-256 of the text in UTF-8. TOO_LARGE where there is none, since only work that no message can carry needs it. */
export async function sha256Of(text: string): Promise<string> {
  if (subtle === undefined) {
    throw new TroupeError('TOO_LARGE', 'the work is larger than a message may be, and this page can upload nothing', {
      fix: 'open the page over https or from the machine itself: browsers hash uploads in secure contexts only',
    });
  }
  return hex(new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text))));
}
