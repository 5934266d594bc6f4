import { TroupeError } from '../../errors.ts';

/** Which database is meant, and where in it the tables are. */
export interface Address {
  readonly url: string;
  readonly schema: string;
}

/** Of `postgres://user@host/database?schema=NAME`; the schema is `troupe` unless it says otherwise. Everything else is left to the driver. */
export function addressOf(given: string): Address {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol))
    throw new TroupeError('INVALID_PARAMS', 'the store is no address of a PostgreSQL', {
      fix: 'give one such as postgres://troupe@127.0.0.1/troupe',
    });
  const schema = url.searchParams.get('schema');
  url.searchParams.delete('schema');
  return { url: url.href, schema: schema === null || schema === '' ? 'troupe' : schema };
}
