import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from '../client/link.ts';
import { TroupeError } from '../errors.ts';

/** What the service that owns a data directory has written there for those who look for it. */

/** What owner.json says. */
export interface Owner {
  readonly pid: number;
  readonly address: string | null;
}

/** By hand: schemas take longer to load than a command may take. */
const isOwner = (value: unknown): value is Owner =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  Number.isInteger(value.pid) &&
  'address' in value &&
  (value.address === null || (typeof value.address === 'string' && URL.canParse(value.address)));

export function readOwner(data: string): Owner | null {
  try {
    const content: unknown = JSON.parse(readFileSync(join(data, 'owner.json'), 'utf8'));
    return isOwner(content) ? content : null;
  } catch {
    return null;
  }
}

/** A process of that number lives: perhaps another one by now, so this only tells who need not be asked. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export function readToken(data: string): string {
  try {
    return readFileSync(join(data, 'token'), 'utf8').trim();
  } catch (error) {
    throw new TroupeError('UNAUTHENTICATED', `the token of ${data} can't be read: ${error instanceof Error ? error.message : ''}`, {
      fix: 'make one with troupe token add and write it into the file token of the data directory',
    });
  }
}

export const socketOf = (origin: string): string => `${origin.replace(/^http/, 'ws')}/ws`;

/** Where the owner should be if it is as it says; null when it is not. Nobody is asked. */
export function expectedOwner(data: string): Address | null {
  const owner = readOwner(data);
  if (owner === null || owner.address === null || !isAlive(owner.pid)) return null;
  return { url: socketOf(owner.address), token: readToken(data) };
}
