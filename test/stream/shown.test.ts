import { beforeAll, expect, test } from 'vitest';
import { connect } from '../support/client.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { differences, Follower, listAll, numberOf } from './follower.ts';
import { compileService, Restarted } from './service.ts';
import { Tally, write } from './writers.ts';

/** What a subscriber or a caller was shown is durable: it is there after the service dies right then. */

let program = '';
beforeAll(async () => {
  program = await compileService();
});

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Follows while others write, until the service is gone; then compares with what the next one has. Resolves with what is lost. */
async function lostAfter(service: Restarted, die: (follower: Follower) => boolean): Promise<unknown[]> {
  const address = await service.address;
  const follower = new Follower({ isWhole: true });
  const tally = new Tally();
  const writing = Array.from({ length: 2 }, (_, index) =>
    write({ address: Promise.resolve(address) }, `w${index}`, randomFrom(seed + index), tally),
  );
  const stopping: Promise<void>[] = [];
  await follower.follow(address, () => {
    if (stopping.length === 0 && die(follower)) stopping.push(service.stop('SIGKILL'));
    return false;
  });
  tally.stopped = true;
  await Promise.all([...writing, ...stopping]);
  await service.ended;
  expect(follower.events).toBeGreaterThan(0);

  const shown = new Map([...follower.tasks].map(([id, known]) => [id, { ...known }]));
  const { url, token } = await service.start();
  const fresh = await connect(url, token);
  const { position } = await fresh.request('system.ping', {});
  expect(numberOf(position)).toBeGreaterThanOrEqual(Math.max(tally.acknowledged, numberOf(follower.position)));
  const stored = await listAll(fresh, {});
  const lost = [...shown].filter(([id, { rev }]) => (stored.get(id)?.rev ?? 0) < rev);
  // It is of the same history: it is gone on with from there, to the very end.
  await follower.follow({ url, token }, () => follower.position === position);
  expect(follower.faults).toEqual([]);
  expect(follower.modes).toEqual({ live: 1, resumed: 1, list: 0 });
  expect(differences(follower.tasks, stored)).toEqual([]);
  await fresh.close();
  return lost;
}

test.each([1, 90])(`killed when event %i was seen (SEED=${seed})`, async (events) => {
  const service = new Restarted(program, await temporaryDirectory());
  await service.start();
  expect(await lostAfter(service, (follower) => follower.events >= events)).toEqual([]);
});

test.each([2, 40])(`without power from the sync %i of the journal on (SEED=${seed})`, async (cutAtSync) => {
  const service = new Restarted(program, await temporaryDirectory());
  await service.start({ cutAtSync });
  expect(await lostAfter(service, () => false)).toEqual([]);
});
