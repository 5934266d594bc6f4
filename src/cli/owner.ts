import { get } from 'node:http';
import { get as getTls } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import { isAlive, readOwner, readToken, socketOf } from './owner-file.ts';
import type { Owner } from './owner-file.ts';
import { announceStart, startOwner } from './start-owner.ts';
import type { Exit, Started, StartOptions } from './start-owner.ts';

export interface OwnerOptions extends StartOptions {
  /** How long an owner may take until it answers. Default 25 s: a link gives up after 30, and should say why. */
  readonly deadlineMs?: number | undefined;
}

const lookMs = 25;
const probeMs = 5_000;
/** Before another owner is started for a directory that belongs to somebody who does not answer. */
const patienceMs = 500;
const mostStarts = 20;
/** The exit code of a service whose directory belongs to another process. */
const locked = 5;

/**
 * The address of the service that owns the data directory; when nobody does, one is started. Whoever does this at the same time may
 * start one too: the lock lets one of them live, and both find it. START_FAILED says why none can be started, UNREACHABLE that
 * none answered in time.
 */
export async function findOwner(data: string, signal: AbortSignal, options: OwnerOptions = {}): Promise<Address> {
  const search = new Search(data, signal, options);
  const until = performance.now() + (options.deadlineMs ?? 25_000);
  try {
    while (performance.now() < until && search.starts < mostStarts) {
      const found = await search.look();
      if (found !== null) return found;
    }
    throw new TroupeError('UNREACHABLE', `no service answers for ${data}: ${search.state}`);
  } finally {
    search.end();
  }
}

class Search {
  starts = 0;
  /** Why there is no answer yet. */
  state = 'nobody owns it';
  readonly #data: string;
  readonly #signal: AbortSignal;
  readonly #options: OwnerOptions;
  /** Another process was refused the directory, so what owner.json says is true whatever the system knows of its pid. */
  #isOwned = false;
  /** Ours. */
  #started: Started | null = null;
  #takeBack = (): void => {};

  constructor(data: string, signal: AbortSignal, options: OwnerOptions) {
    this.#data = data;
    this.#signal = signal;
    this.#options = options;
  }

  /** The owner's address if it answers, else null after a moment; what can be done until then is done. */
  async look(): Promise<Address | null> {
    const signal = this.#signal;
    signal.throwIfAborted();
    const owner = readOwner(this.#data);
    const origin = owner !== null && (this.#isOwned || isAlive(owner.pid)) ? owner.address : null;
    const answer = origin === null ? 'silent' : await probe(origin, signal);
    if (origin !== null) {
      if (answer === 'up') return { url: socketOf(origin), token: readToken(this.#data) };
      this.state = `process ${owner?.pid} on ${origin} ${answer === 'starts' ? 'has not finished its start' : 'does not answer'}`;
    }
    // Whoever starts already is waited for.
    if (answer === 'silent' && this.#started === null) this.#start();
    const ends = this.#started === null ? [] : [this.#started.exit];
    const exit = await Promise.race([pause(lookMs, null, { signal }), ...ends]);
    if (exit !== null) await this.#ended(exit, owner);
    return null;
  }

  /** Takes back what was announced. */
  end(): void {
    this.#takeBack();
    // Only once: the next announcement is somebody else's.
    this.#takeBack = () => {};
  }

  #start(): void {
    const takeBack = announceStart(this.#data);
    if (takeBack === null) return;
    this.#takeBack = takeBack;
    this.#started = startOwner(this.#data, this.#options);
    this.starts += 1;
  }

  async #ended({ code, said }: Exit, owner: Owner | null): Promise<void> {
    this.#started = null;
    this.end();
    this.#isOwned = code === locked;
    if (this.#isOwned) {
      const who = owner === null ? 'another process' : `process ${owner.pid}, which listens on ${owner.address ?? 'no address'},`;
      this.state = `${who} owns it`;
      await pause(Math.min(patienceMs, lookMs * 2 ** this.starts), undefined, { signal: this.#signal });
    } else if (code !== 0 && code !== null) {
      throw new TroupeError('START_FAILED', `no service could be started for ${this.#data} (${said})`, {
        fix: 'more is in serve.log of the data directory',
      });
    }
  }
}

/** One that is up may still refuse commands; it says why better than we could. */
export function probe(origin: string, signal: AbortSignal): Promise<'up' | 'starts' | 'silent'> {
  return new Promise((resolve) => {
    const ask = origin.startsWith('https:') ? getTls : get;
    const request = ask(`${origin}/readyz`, { agent: false, timeout: probeMs, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(response.statusCode === 200 || text.includes('"ready"') ? 'up' : 'starts'));
      response.on('error', () => resolve('silent'));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve('silent'));
  });
}
