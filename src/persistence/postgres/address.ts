import { TroupeError } from '../../errors.ts';

/** Which database is meant, and where in it the tables are. */
export interface Address {
  readonly url: string;
  readonly schema: string;
}

const settings = new Set(['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation']);
const modes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
const stricter = new Set(['prefer', 'require', 'verify-ca']);
const maxNameBytes = 63;

/** Of `postgres://user@host/database?schema=NAME`; the schema is `troupe` unless it says otherwise. Everything else is left to the driver. */
export function addressOf(given: string): Address {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol))
    throw new TroupeError('INVALID_PARAMS', 'the store is no address of a PostgreSQL', {
      fix: 'give one such as postgres://troupe@127.0.0.1/troupe',
    });
  // The driver passes over what it does not know, and a word that is spelt wrongly must not mean that nothing is encrypted.
  for (const name of url.searchParams.keys())
    if (/^ssl/i.test(name) && !settings.has(name))
      throw new TroupeError('INVALID_PARAMS', `an address has no ${name}`, { fix: `give one of ${[...settings].join(', ')}` });
  const mode = url.searchParams.get('sslmode');
  // The driver takes what it does not know for another mode.
  if (mode !== null && !modes.includes(mode))
    throw new TroupeError('INVALID_PARAMS', `sslmode=${mode} is not known`, { fix: `give one of ${modes.join(', ')}` });
  // That is how the driver takes them, which says so in ten lines.
  if (mode !== null && stricter.has(mode) && url.searchParams.get('uselibpqcompat') !== 'true')
    url.searchParams.set('sslmode', 'verify-full');
  const named = url.searchParams.get('schema');
  const schema = named === null || named === '' ? 'troupe' : named;
  if (Buffer.byteLength(schema) > maxNameBytes)
    throw new TroupeError('INVALID_PARAMS', `the name of the schema is longer than the ${maxNameBytes} bytes that PostgreSQL keeps`, {
      fix: 'give a shorter one with ?schema=NAME',
    });
  url.searchParams.delete('schema');
  return { url: url.href, schema };
}
