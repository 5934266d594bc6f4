import { TroupeError } from '../errors.ts';
import { existingData } from './data-directory.ts';
import { namedService } from './named-service.ts';
import { probe } from './owner.ts';
import { isAlive, readOwner, readToken } from './owner-file.ts';
import { pageUrl } from './page-url.ts';
import { printJson, printLines } from './output.ts';
import { variable } from './variables.ts';

export interface PageOptions {
  readonly data?: string;
  readonly url?: string;
  readonly json?: true;
}

/** Where the page of the running service is. None is started: it would end when nobody is connected. */
export async function page(options: PageOptions): Promise<void> {
  const { origin, token, line } = whereOf(options);
  if (origin === null || (await probe(origin, new AbortController().signal)) !== 'up')
    throw new TroupeError('UNREACHABLE', `no service runs on ${line}`, { fix: 'start one with troupe serve' });
  const url = pageUrl(origin, token());
  if (options.json === true) printJson({ url });
  else printLines([url]);
}

interface Where {
  /** Null when nobody says that he is there. */
  readonly origin: string | null;
  readonly token: () => string;
  readonly line: string;
}

function whereOf({ url, data }: PageOptions): Where {
  const named = namedService(url);
  if (named !== null) return { origin: named.page, token: () => named.token, line: named.name };
  const { directory, line } = existingData(data);
  const owner = readOwner(directory);
  const origin = owner !== null && isAlive(owner.pid) ? owner.address : null;
  return { origin, token: () => variable('TROUPE_TOKEN') ?? readToken(directory), line };
}
