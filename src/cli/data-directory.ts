import { existsSync } from 'node:fs';
import { CommandFailure } from './command-failure.ts';
import { discover } from './discover.ts';
import type { Found } from './discover.ts';
import { exits } from './exit-codes.ts';
import { namedService } from './named-service.ts';

/** The data directory that is meant, for commands that make none: a name that was mistyped is told, whichever command it is. */
export function existingData(given: string | undefined): Found {
  const found = discover(given);
  if (existsSync(found.directory)) return found;
  throw new CommandFailure(exits.notFound, `there is no data directory ${found.line}: plan something first, or name another with --data`);
}

/** Whether there is anything that could be asked: a service that is named, or a data directory. */
export const hasData = ({ url, data }: { readonly url?: string; readonly data?: string }): boolean =>
  namedService(url) !== null || existsSync(discover(data).directory);
