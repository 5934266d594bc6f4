import { beforeAll, expect, test } from 'vitest';
import { addToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { differences, Follower, listAll } from './follower.ts';
import type { FollowerOptions } from './follower.ts';
import { compileService, Restarted } from './service.ts';
import type { Address } from './service.ts';
import { Tally, write } from './writers.ts';

/**
 * Subscribers and services that die at random while events flow: everybody ends up with what the store has, and got it event by
 * event. `EVENTS=100000` makes a long run of it.
 */

let program = '';
beforeAll(async () => {
  program = await compileService();
});

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const wanted = Number(process.env['EVENTS'] ?? 4_000);
const restarts = Math.max(4, Math.floor(wanted / 5_000));
/** Of one service after the other: some windows are too small for those who come back late. */
const optionsOf = (run: number) => ({
  windowEvents: [10_000, 20, 2_000, 300][run % 4] ?? 1,
  checkpointBytes: 300_000,
  limits: { heartbeatMs: 1_000 },
});

interface Following {
  readonly follower: Follower;
  readonly filter: NonNullable<FollowerOptions['filter']>;
  /** Instead of the service's own. */
  readonly token: string | null;
}

/** Six kinds of subscribers; all but the first die by themselves too. */
function followersOf(rootId: NonNullable<FollowerOptions['filter']>['rootId'], narrow: string): Following[] {
  let made = 0;
  const quota = (most: number) => {
    const random = randomFrom(seed + (made += 1));
    return () => Math.floor(random() * most * 1.1 - most / 10);
  };
  const kinds: readonly (FollowerOptions & { readonly token?: string })[] = [
    { isWhole: true },
    { isWhole: true, quota: quota(60) },
    { isWhole: true, quota: quota(600), batchMs: 5 },
    { filter: { project: 'web' }, quota: quota(200) },
    { filter: { rootId }, quota: quota(5) },
    { quota: quota(100), token: narrow },
  ];
  return kinds.map(({ token = null, ...kind }) => ({ token, filter: kind.filter ?? {}, follower: new Follower(kind) }));
}

test(
  `no gap, no duplicate, no wrong order: ${restarts} restarts, ${wanted} events (SEED=${seed})`,
  {
    timeout: 60_000 + wanted * 20,
  },
  async () => {
    const random = randomFrom(seed);
    const service = new Restarted(program, await temporaryDirectory());
    const first = await service.start(optionsOf(0));
    const narrow = addToken(service.data, { name: 'web', scopes: ['read'], projects: ['web'], now: 0 });
    const boss = await connect(first.url, first.token);
    const { task } = await boss.request('task.plan', { title: 'Followed by itself', project: 'web', tasks: [{ title: 'One' }] });
    await boss.close();

    const followers = followersOf(task.id, narrow);
    let head: string | null = null;
    const following = followers.map(async ({ token, follower }) => {
      const isDone = () => head !== null && follower.position === head;
      while (!isDone()) {
        const address: Address = await service.address;
        await follower.follow({ ...address, token: token ?? address.token }, isDone);
      }
    });
    const tally = new Tally();
    const writing = Array.from({ length: 3 }, (_, index) => write(service, `w${index}`, randomFrom(seed + 100 + index), tally));
    tally.failWith(Promise.all([...writing, ...following]));

    for (let restart = 1; restart <= restarts; restart += 1) {
      await tally.reached((wanted * restart) / (restarts + 1));
      await service.stop(random() < 0.5 ? 'SIGTERM' : 'SIGKILL');
      await service.start(optionsOf(restart));
    }
    await tally.reached(wanted);
    tally.stopped = true;
    await Promise.all(writing);

    const { url, token } = await service.address;
    const fresh = await connect(url, token);
    ({ position: head } = await fresh.request('system.ping', {}));
    await Promise.all(following);
    for (const [index, { follower, filter, token: limited }] of followers.entries()) {
      expect({ index, faults: follower.faults }).toEqual({ index, faults: [] });
      const stored = await listAll(fresh, limited === null ? filter : { project: 'web' });
      expect({ index, differences: differences(follower.tasks, stored) }).toEqual({ index, differences: [] });
    }
    for (const known of [...(followers[0]?.follower.tasks ?? [])].slice(-20)) {
      const { task: whole } = await fresh.request('task.get', { taskId: known[0] });
      expect([known[0], known[1].rev, known[1].status]).toEqual([whole.id, whole.rev, whole.status]);
    }
    // A run in which nobody resumed, or nobody had to list again, would say little.
    const count = (mode: 'resumed' | 'list') => followers.reduce((sum, { follower }) => sum + follower.modes[mode], 0);
    expect(count('resumed')).toBeGreaterThan(0);
    expect(count('list')).toBeGreaterThan(0);
    await fresh.close();
  },
);
