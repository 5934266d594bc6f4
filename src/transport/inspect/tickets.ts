import { createHash, randomBytes } from 'node:crypto';
import { formatTime } from '../../clock.ts';
import { TroupeError } from '../../errors.ts';
import type { Output } from '../../protocol/methods.ts';
import type { Grant } from '../tokens.ts';

interface Issued {
  readonly grant: Grant;
  readonly expiresAt: number;
}

/** Of one token: whoever asks for more loses the oldest. */
const mostUnused = 16;

/**
 * What opens `/inspect` once, soon after it was made: for receivers that can send nothing but a URL. A ticket stands for the token that
 * it was made with, is not that token, and is kept as its hash.
 */
export class Tickets {
  readonly #now: () => number;
  readonly #lifeMs: number;
  /** By hash, oldest first. */
  readonly #issued = new Map<string, Issued>();

  constructor(options: { readonly now: () => number; readonly lifeMs: number }) {
    this.#now = options.now;
    this.#lifeMs = options.lifeMs;
  }

  /** UNAUTHENTICATED without a token. */
  issue(grant: Grant | null): Output<'inspection.ticket'> {
    if (grant === null) throw new TroupeError('UNAUTHENTICATED', 'a ticket is made with a token');
    this.#clear(grant);
    const ticket = randomBytes(32).toString('base64url');
    const expiresAt = this.#now() + this.#lifeMs;
    this.#issued.set(hashOf(ticket), { grant, expiresAt });
    return { ticket, expiresAt: formatTime(expiresAt) };
  }

  /** The token that the ticket was made with, to be asked whether it still holds. Null for a ticket that was used, or never made. */
  use(ticket: string): Grant | null {
    const hash = hashOf(ticket);
    const issued = this.#issued.get(hash);
    this.#issued.delete(hash);
    return issued === undefined || issued.expiresAt <= this.#now() ? null : issued.grant;
  }

  #clear(grant: Grant): void {
    const now = this.#now();
    for (const [hash, { expiresAt }] of this.#issued) if (expiresAt <= now) this.#issued.delete(hash);
    const own = [...this.#issued].filter(([, issued]) => issued.grant === grant);
    for (const [hash] of own.slice(0, Math.max(0, own.length - mostUnused + 1))) this.#issued.delete(hash);
  }
}

const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');
