import { existsSync } from 'node:fs';
import { TroupeError } from '../errors.ts';
import { discover } from './discover.ts';
import { CommandFailure } from './command-failure.ts';
import { exits } from './exit-codes.ts';
import { probe } from './owner.ts';
import { isAlive, readOwner, readToken } from './owner-file.ts';
import { pageUrl } from './page-url.ts';
import { printJson, printLines } from './output.ts';

export interface PageOptions {
  readonly data?: string;
  readonly json?: true;
}

/** Where the page of the running service is. None is started: it would end when nobody is connected. */
export async function page(options: PageOptions): Promise<void> {
  const { directory, line } = discover(options.data);
  if (!existsSync(directory)) throw new CommandFailure(exits.notFound, `there is no data directory ${line}: name another with --data`);
  const owner = readOwner(directory);
  const origin = owner !== null && isAlive(owner.pid) ? owner.address : null;
  if (origin === null || (await probe(origin, new AbortController().signal)) !== 'up')
    throw new TroupeError('UNREACHABLE', `no service runs on ${line}`, { fix: 'start one with troupe serve' });
  const url = pageUrl(origin, readToken(directory));
  if (options.json === true) printJson({ url });
  else printLines([url]);
}
