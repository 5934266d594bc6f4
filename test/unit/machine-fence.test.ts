import { describe, expect, test } from 'vitest';
import { hour, life } from '../model/life.ts';
import type { Life } from '../model/life.ts';
import { leaseId, noon } from '../support/records.ts';

/** The newest lease fences every earlier one, whichever way that one ended. */

const [old, newest] = [leaseId(1), leaseId(2)];
const pauseOver = noon + hour + 1_000;

/** Ways in which an attempt with the old lease ends, each ready to be claimed again. */
const endings: Readonly<Record<string, (running: Life) => Life>> = {
  'its time was over': (running) => running.timer(noon + hour).timer(pauseOver),
  'it failed': (running) => running.fail().timer(pauseOver),
  'it gave the task back': (running) => running.sendBack(),
  'it was blocked and freed': (running) => running.block().take('UNBLOCK', { note: null }),
  'it finished and the task was reopened': (running) => running.complete().take('REOPEN', { reason: 'again' }),
};
const acts: Readonly<Record<string, (one: Life, lease: ReturnType<typeof leaseId>) => Life>> = {
  progress: (one, lease) => one.progress({ lease }),
  complete: (one, lease) => one.complete({ lease }),
  save: (one, lease) => one.save({ lease }),
  'send back': (one, lease) => one.sendBack({ lease }),
  stop: (one, lease) => one.stop({ lease }),
  fail: (one, lease) => one.fail({ lease }),
};

describe.each(Object.entries(endings))('when %s and another claimed the task', (_, end) => {
  const taken = end(life().start({ lease: old })).start({ lease: newest, by: 'team/bob', at: pauseOver });

  test.each(Object.entries(acts))('%s needs the newest lease', (__, act) => {
    expect(act(taken, old).lived()).toMatchObject({
      refusal: 'STALE_LEASE',
      state: { value: 'in_progress', context: { lease: { id: newest } } },
    });
    expect(act(taken, newest).lived().refusal).toBeNull();
  });
});
