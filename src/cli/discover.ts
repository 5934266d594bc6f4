import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { TroupeError } from '../errors.ts';
import { variable } from './variables.ts';

/** Which data directory is meant by whoever calls, and why. It need not exist yet. */
export interface Found {
  /** Absolute. */
  readonly directory: string;
  /** Half a sentence for people: the directory, and what led to it. */
  readonly line: string;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Of this process; null where the system has no such numbers. */
  readonly user: number | null;
}

const folder = '.troupe';

/**
 * `--data`, then `TROUPE_DATA`, then the nearest `.troupe` upwards, then `.troupe` beside the nearest `.git`, then the user's data
 * folder. A `.troupe` of another user is passed over unless it is named: whoever owns it chooses what the agents read.
 */
export function discover(given: string | undefined, { cwd, env, home, platform, user }: Surroundings = here()): Found {
  const found = (directory: string, why: string): Found => ({ directory, line: `${directory} (${why})` });
  if (given !== undefined && given !== '') return found(named(cwd, given, '--data'), 'given by --data');
  const configured = variable('TROUPE_DATA', env);
  if (configured !== undefined) return found(named(cwd, configured, 'TROUPE_DATA'), 'given by TROUPE_DATA');
  const passedOver: string[] = [];
  for (const place of upwards(cwd)) {
    const directory = join(place, folder);
    const stat = statOf(directory);
    if (stat?.isDirectory() !== true) continue;
    if (user === null || stat.uid === user) return found(directory, place === cwd ? 'in the working directory' : 'the nearest one upwards');
    passedOver.push(directory);
  }
  const others = passedOver.map((directory) => `; ${directory} belongs to another user, name it with --data to use it`).join('');
  // In a worktree or a submodule `.git` is a file.
  for (const place of upwards(cwd)) {
    const directory = join(place, folder);
    if (statOf(join(place, '.git')) !== undefined && !passedOver.includes(directory))
      return found(directory, `in the root of the git repository${others}`);
  }
  return found(userFolder({ env, home, platform }), `the user's own, since no project was found from ${cwd}${others}`);
}

function named(cwd: string, given: string, by: string): string {
  const directory = resolve(cwd, given);
  if (given.includes('\0') || statOf(directory)?.isDirectory() === false)
    throw new TroupeError('INVALID_PARAMS', `${directory} is no directory`, { fix: `name another with ${by}` });
  return directory;
}

/** The conventions of macOS and Windows are followed, but were not tried there. */
function userFolder({ env, home, platform }: Pick<Surroundings, 'env' | 'home' | 'platform'>): string {
  const configured = variable(platform === 'win32' ? 'LOCALAPPDATA' : 'XDG_DATA_HOME', env);
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (configured !== undefined && isAbsolute(configured)) return join(configured, 'troupe');
  if (platform === 'win32') return join(home, 'AppData', 'Local', 'troupe');
  return platform === 'darwin' ? join(home, 'Library', 'Application Support', 'troupe') : join(home, '.local', 'share', 'troupe');
}

function* upwards(from: string): Generator<string> {
  for (let place = from; ; place = dirname(place)) {
    yield place;
    if (dirname(place) === place) return;
  }
}

function statOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // What may not be looked at is not ours.
    return undefined;
  }
}

function here(): Surroundings {
  return { cwd: process.cwd(), env: process.env, home: homedir(), platform: process.platform, user: process.geteuid?.() ?? null };
}
