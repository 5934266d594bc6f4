import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { createSecureContext } from 'node:tls';
import { TroupeError } from '../errors.ts';
import { createLog } from '../logger.ts';
import { createTroupe } from '../server.ts';
import { discover } from './discover.ts';
import { addressOf } from '../persistence/postgres/address.ts';
import { jsonOf } from './output.ts';
import { pageUrl } from './page-url.ts';
import { connectionsWithin } from './open-files.ts';
import { defaultLimits } from '../transport/ws/limits.ts';
import { readCheckpointBytes, readFailPoint } from './fail-point.ts';
import { variable } from './variables.ts';
import type { Logger } from '../logger.ts';
import type { Store } from '../persistence/store.ts';
import type { Troupe } from '../server.ts';
import type { Found } from './discover.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** Found when it is left out. */
  readonly data?: string;
  /** The address of a PostgreSQL to keep everything in but tokens, roles and templates. */
  readonly store?: string;
  readonly json?: true;
  readonly allowHost: readonly string[];
  readonly allowOrigin: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: true;
  /** In milliseconds. */
  readonly idleExit?: number;
}

/** Runs the service until it is told to stop, or has been idle for long enough. Rejects when it can't start. */
export async function serve(options: ServeOptions): Promise<void> {
  const failPoint = readFailPoint(variable('TROUPE_FAIL_POINT'));
  const checkpointBytes = readCheckpointBytes(variable('TROUPE_CHECKPOINT_BYTES'));
  const { logger } = createLog(variable('TROUPE_LOG'));
  const wanted = defaultLimits.maxConnections;
  const maxConnections = connectionsWithin(wanted);
  if (maxConnections < wanted)
    logger.warn({ maxConnections, wanted }, 'fewer connections are taken: the limit of open files is low (ulimit -n)');
  // Whoever started the service may have gone away with the other end of the pipe.
  process.stdout.on('error', () => {});
  const data = discover(options.data);
  const troupe = await createTroupe({
    data: data.directory,
    host: options.host,
    port: options.port,
    allowHosts: options.allowHost,
    allowOrigins: options.allowOrigin,
    tls: readTls(options),
    insecure: options.insecure ?? false,
    idleExitMs: options.idleExit,
    logger,
    limits: { maxConnections },
    failPoint,
    checkpointBytes,
    openStore: storeOf(options.store ?? variable('TROUPE_STORE'), logger),
  });
  // Whoever reads the addresses may send a signal at once.
  stopOnSignals(troupe, (signal) => logger.info({ signal }, 'stopping'));
  process.stdout.write(options.json === true ? jsonLine(troupe) : words(troupe, data, pageLink(troupe, process.stdout.isTTY)));
  await troupe.closed;
  logger.info('stopped');
}

/** Its library is loaded by those who need it. */
function storeOf(url: string | undefined, logger: Logger): (() => Promise<Store>) | undefined {
  if (url === undefined) return undefined;
  // Before anything is opened.
  addressOf(url);
  return async () => {
    const { openPostgres } = await import('../persistence/postgres/open.ts');
    return openPostgres({ url, onProblem: (line) => logger.warn(line) });
  };
}

function jsonLine({ url, http, tokenFile }: Troupe): string {
  return `${jsonOf({ url, http, tokenFile })}\n`;
}

function words({ url, http, tokenFile }: Troupe, { line }: Found, page: string): string {
  const lines = [`  Page       ${page}`, `  WebSocket  ${url}`, `  Token      ${tokenFile}`, `  Data       ${line}`];
  return `Troupe runs at ${http}\n${lines.join('\n')}\nStop it with Ctrl+C.\n`;
}

/** With the first token in its fragment when a person reads it: what is no terminal may be a log, and a log never holds a token. */
function pageLink({ http, tokenFile }: Troupe, isTerminal: boolean): string {
  if (!isTerminal || !existsSync(tokenFile)) return `${http}/`;
  return pageUrl(http, readFileSync(tokenFile, 'utf8').trim());
}

/** The first signal drains; a second one ends the process at once, which costs nothing that was acknowledged. */
function stopOnSignals(troupe: Troupe, onStop: (signal: string) => void): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + constants.signals[signal]);
      stopping = true;
      onStop(signal);
      void troupe.close();
    });
  }
}

function readTls({ tlsCert, tlsKey }: ServeOptions): { readonly cert: string; readonly key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new TroupeError('INVALID_PARAMS', 'a certificate is nothing without its key', { fix: 'give --tls-cert and --tls-key together' });
  }
  const pair = { cert: readPem(tlsCert, '--tls-cert'), key: readPem(tlsKey, '--tls-key') };
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new TroupeError(
      'INVALID_PARAMS',
      `${tlsCert} and ${tlsKey} are no certificate with its key: ${error instanceof Error ? error.message : ''}`,
      {
        fix: 'give a certificate in PEM with --tls-cert and its own key with --tls-key',
      },
    );
  }
  return pair;
}

function readPem(path: string, by: string): string {
  const refuse = (what: string): never => {
    throw new TroupeError('INVALID_PARAMS', `${by}: ${path} ${what}`, { fix: 'name a file in PEM' });
  };
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    refuse(`can't be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`);
  }
  return text.includes('-----BEGIN ') ? text : refuse('is no PEM');
}
