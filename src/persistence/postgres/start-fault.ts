import { TroupeError } from '../../errors.ts';

/** What stands before the store: one line that says what to do, for errors of a first connection. */
export function startFault(error: unknown, url: string): TroupeError {
  if (error instanceof TroupeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new TroupeError('START_FAILED', `the database ${placeOf(url)} can't be used: ${message}`, { fix: fixOf(code, message) });
}

function fixOf(code: string, message: string): string {
  const known = fixes[code];
  if (known !== undefined) return known;
  if (/password must be a string/.test(message)) return 'give the password in the address: postgres://USER:PASSWORD@HOST/NAME';
  if (/certificate|altnames/i.test(message) || /^(?:ERR_TLS|CERT_|UNABLE_TO)/.test(code))
    return 'name the authority of its certificate: ?sslmode=verify-full&sslrootcert=FILE';
  if (/does not support SSL/.test(message)) return 'turn TLS on in the server, or give ?sslmode=disable on a network that you trust';
  return 'see whether it runs and takes connections from here';
}

const fixes: Readonly<Record<string, string>> = {
  '08P01':
    'let the pooler pass over what it does not know: ignore_startup_parameters = statement_timeout, idle_in_transaction_session_timeout',
  '28P01': 'give the right password in the address',
  '28000': 'let the user log in and pg_hba.conf take them from here, with TLS if it wants it (?sslmode=verify-full)',
  '3D000': 'make the database first: createdb NAME',
  '42501':
    'let the user make a schema in it: grant create on database NAME to USER; or use the one that is there: grant usage on schema NAME to USER',
  '42939': 'give another name: ?schema=NAME',
  '25006': 'give the address of the primary',
  '53300': 'raise max_connections, or see who holds them in pg_stat_activity',
  ENOENT: 'see whether the file that the address names is there',
  ENOTFOUND: 'see whether the name of the host is right; one host is taken',
  ECONNREFUSED: 'see whether the server runs and listens there',
};

/** The address without its password. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'of that address';
  }
}
