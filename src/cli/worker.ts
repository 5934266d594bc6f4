import { randomBytes } from 'node:crypto';
import { TroupeError } from '../errors.ts';
import { variable } from './variables.ts';

const pattern = /^[A-Za-z0-9._:-]{1,64}$/;
const suffixBytes = 4;
const longest = 64 - 1 - suffixBytes * 2;

/**
 * What this process is called among those of one token: it holds the leases. Given, else `TROUPE_WORKER`, else the client's name with a
 * random suffix, so that two processes are never taken for one.
 */
export function workerName(
  given: string | undefined,
  client: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const name = given ?? variable('TROUPE_WORKER', env);
  if (name !== undefined && name !== '') {
    if (pattern.test(name)) return name;
    throw new TroupeError('INVALID_PARAMS', `the worker's name is ${JSON.stringify(name)}`, {
      fix: 'use 1 to 64 letters, digits and . _ : - for the worker, or leave TROUPE_WORKER out',
    });
  }
  const readable = client.replaceAll(/[^A-Za-z0-9._:-]+/g, '-').slice(0, longest);
  return `${readable === '' ? 'client' : readable}-${randomBytes(suffixBytes).toString('hex')}`;
}
