import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Link } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import { version } from '../version.ts';
import { discover } from './discover.ts';
import { openSocket } from './open-socket.ts';
import { expectedOwner } from './owner-file.ts';
import { variable } from './variables.ts';
import { workerName } from './worker.ts';

/** Where the service is, and who asks. */
export interface Place {
  readonly data?: string;
  readonly url?: string;
  readonly worker?: string;
}

export interface ConnectOptions {
  /** Whether the data directory may be made; else there must be one. */
  readonly makes: boolean;
  /** Whether every process is a worker of its own; else what one begins the person's next command can go on with. */
  readonly isWorker?: boolean;
  /** How long a service that is named may be away. */
  readonly giveUpMs?: number;
}

/** A service that is named is not started when it isn't there, so there is little to wait for. */
const namedGiveUpMs = 5_000;

/** The way to the service that is meant: that of `--url` or TROUPE_URL, else the owner of the data directory, which is started if need be. */
export function connect(
  place: Place,
  { makes, isWorker = false, giveUpMs = namedGiveUpMs }: ConnectOptions,
  env: NodeJS.ProcessEnv = process.env,
): Link {
  const named = place.url ?? variable('TROUPE_URL', env);
  const worker = isWorker ? workerName(place.worker, 'work') : (place.worker ?? variable('TROUPE_WORKER', env) ?? personName());
  const common = { client: { name: 'cli', version }, worker: workerName(worker, 'cli'), openSocket };
  const token = variable('TROUPE_TOKEN', env);
  if (named !== undefined && named !== '') {
    const url = socketOf(named);
    if (token === undefined)
      throw new TroupeError('UNAUTHENTICATED', `${named} needs a token`, { fix: 'put it into the variable TROUPE_TOKEN' });
    return new Link({ ...common, giveUpMs, address: async () => ({ url, token }) });
  }
  const { directory, line } = discover(place.data);
  if (!makes && !existsSync(directory))
    throw new TroupeError('UNREACHABLE', `there is no data directory ${line}`, {
      fix: 'plan something first, or name another directory with --data',
    });
  let isFirst = true;
  return new Link({
    ...common,
    async address(signal) {
      // Nearly always it is where it says, and then there is nothing to search for.
      const expected = isFirst ? expectedOwner(directory) : null;
      isFirst = false;
      const owner = expected ?? (await (await import('./owner.ts')).findOwner(directory, signal));
      return token === undefined ? owner : { ...owner, token };
    },
  });
}

/** Of `http://host:port`, as the service tells it, with a path where it stands in another's server, as well as of the socket itself. */
function socketOf(named: string): string {
  const url = URL.canParse(named) ? new URL(named) : null;
  if (url === null || !/^(?:ws|http)s?:$/.test(url.protocol))
    throw new TroupeError('INVALID_PARAMS', `${named} is no address of a service`, { fix: 'give one such as http://127.0.0.1:7420' });
  url.protocol = url.protocol.replace('http', 'ws');
  url.pathname = url.pathname.replace(/(\/ws)?\/?$/, '/ws');
  return url.href;
}

/** The same for every command of a person, who executes with one and completes with another. */
function personName(): string {
  const name = nameOfUser().replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  return `cli-${name}`.slice(0, 64);
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number without a name.
    return 'user';
  }
}
