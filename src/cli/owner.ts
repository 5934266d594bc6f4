import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { get as getTls } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import type { Address } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import { startOwner } from './start-owner.ts';
import type { Started, StartOptions } from './start-owner.ts';

export interface OwnerOptions extends StartOptions {
  /** How long an owner may take from its start until it answers. Default 30 s. */
  readonly deadlineMs?: number | undefined;
}

const ownerFile = z.object({ pid: z.int(), address: z.url().nullable() });
type Owner = z.output<typeof ownerFile>;

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
  const until = performance.now() + (options.deadlineMs ?? 30_000);
  let started: Started | null = null;
  let starts = 0;
  // Another process was refused the directory, so what owner.json says is true whatever the system knows of its pid.
  let isOwned = false;
  let state = 'nobody owns it';
  while (performance.now() < until && starts < mostStarts) {
    signal.throwIfAborted();
    const owner = await readOwner(data);
    const origin = owner !== null && (isOwned || isAlive(owner.pid)) ? owner.address : null;
    const answer = origin === null ? 'silent' : await probe(origin, signal);
    if (origin !== null) {
      if (answer === 'up') return { url: `${origin.replace(/^http/, 'ws')}/ws`, token: await readToken(data) };
      state = `process ${owner?.pid} on ${origin} ${answer === 'starts' ? 'has not finished its start' : 'does not answer'}`;
    }
    // Whoever starts already is waited for.
    if (answer === 'silent' && started === null) {
      started = await startOwner(data, options);
      starts += 1;
    }
    const exit = await Promise.race([pause(lookMs, null, { signal }), ...(started === null ? [] : [started.exit])]);
    if (exit === null) continue;
    isOwned = exit.code === locked;
    started = null;
    if (isOwned) {
      state = owner === null ? 'another process owns it' : `process ${owner.pid} owns it and listens on ${owner.address ?? 'no address'}`;
      await pause(Math.min(patienceMs, lookMs * 2 ** starts), undefined, { signal });
    } else if (exit.code !== 0 && exit.code !== null) {
      throw new TroupeError('START_FAILED', `no service could be started for ${data}: ${exit.said}`);
    }
  }
  throw new TroupeError('UNREACHABLE', `no service answers for ${data}: ${state}`);
}

async function readOwner(data: string): Promise<Owner | null> {
  try {
    return ownerFile.parse(JSON.parse(await readFile(join(data, 'owner.json'), 'utf8')));
  } catch {
    return null;
  }
}

/** A process of that number lives: perhaps another one by now, so this only tells who need not be asked. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** One that is up may still refuse commands; it says why better than we could. */
function probe(origin: string, signal: AbortSignal): Promise<'up' | 'starts' | 'silent'> {
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

async function readToken(data: string): Promise<string> {
  try {
    return (await readFile(join(data, 'token'), 'utf8')).trim();
  } catch (error) {
    throw new TroupeError('UNAUTHENTICATED', `the token of ${data} can't be read: ${error instanceof Error ? error.message : ''}`, {
      fix: 'make one with troupe token add and write it into the file token of the data directory',
    });
  }
}
