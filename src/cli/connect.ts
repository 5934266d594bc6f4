import { userInfo } from 'node:os';
import { Link } from '../client/link.ts';
import { version } from '../version.ts';
import { existingData } from './data-directory.ts';
import { discover } from './discover.ts';
import { namedService } from './named-service.ts';
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
  /** Whether the data directory may be made, as by what makes work; else there must be one. */
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
  // An empty name is none, as that of a variable is.
  const given = place.worker === '' ? undefined : place.worker;
  const worker = isWorker
    ? workerName(given, 'work', env)
    : workerName(given ?? variable('TROUPE_WORKER', env) ?? personName(), 'cli', env);
  const common = { client: { name: 'cli', version }, worker, openSocket };
  const named = namedService(place.url, env);
  if (named !== null) return new Link({ ...common, giveUpMs, address: async () => ({ url: named.socket, token: named.token }) });
  const token = variable('TROUPE_TOKEN', env);
  const { directory } = makes ? discover(place.data) : existingData(place.data);
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
