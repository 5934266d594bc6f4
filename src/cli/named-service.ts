import { TroupeError } from '../errors.ts';
import { variable } from './variables.ts';

/** A service that is named by its address. */
export interface NamedService {
  /** As it was given. */
  readonly name: string;
  readonly socket: string;
  /** Without a slash at its end. */
  readonly page: string;
  readonly token: string;
}

/** That of `--url`, else of TROUPE_URL; null when neither is given. */
export function namedService(given: string | undefined, env: NodeJS.ProcessEnv = process.env): NamedService | null {
  const name = given ?? variable('TROUPE_URL', env);
  if (name === undefined || name === '') return null;
  const url = URL.canParse(name) ? new URL(name) : null;
  if (url === null || !/^(?:ws|http)s?:$/.test(url.protocol))
    throw new TroupeError('INVALID_PARAMS', `${name} is no address of a service`, { fix: 'give one such as http://127.0.0.1:7420' });
  const token = variable('TROUPE_TOKEN', env);
  if (token === undefined)
    throw new TroupeError('UNAUTHENTICATED', `${name} needs a token`, { fix: 'put it into the variable TROUPE_TOKEN' });
  // Of `http://host:port`, as the service tells it, with a path where it stands in another's server, as well as of the socket itself.
  const path = url.pathname.replace(/(\/ws)?\/?$/, '');
  const at = (scheme: string): string => `${scheme}${url.protocol.endsWith('s:') ? 's' : ''}://${url.host}${path}`;
  return { name, socket: `${at('ws')}/ws${url.search}`, page: at('http'), token };
}
