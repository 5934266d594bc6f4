import { expect, onTestFinished, test, vi } from 'vitest';
import type { LinkState } from '../../src/client/link.ts';
import { TroupeError } from '../../src/errors.ts';
import { closeCodes } from '../../src/protocol/close-codes.ts';
import { linkTo, refusal, scripted } from './scripted.ts';

/** What a page sees of its link. */

const taskId = 't_00000000000000000000000000' as const;

/** A link that waits for ever, and every state that it told. */
function watched(...[address, options]: Parameters<typeof linkTo>) {
  const states: LinkState[] = [];
  const link = linkTo(address, { giveUpMs: Infinity, onState: (state) => void states.push(state), ...options });
  return { link, states, names: () => states.map(({ status }) => status) };
}

test('a link tells how it stands: from the first attempt to the connection, its loss, the next one, and the end', async () => {
  const service = await scripted((asking) => {
    if (asking.method === 'task.note') asking.close(closeCodes.forbidden);
    else if (asking.connection === 1) asking.close(closeCodes.restart);
    else asking.answer({});
  });
  let attempts = 0;
  const { link, states, names } = watched(async () => {
    if ((attempts += 1) < 3) throw new Error('nobody is at home');
    return service.address;
  });
  expect(link.state).toEqual({ status: 'idle' });
  await link.call('task.get', { taskId });
  expect(names()).toEqual(['connecting', 'lost', 'connecting', 'lost', 'connecting', 'open', 'lost', 'connecting', 'open']);
  expect(states[1]).toMatchObject({ error: { reason: 'UNREACHABLE' }, retryAt: expect.any(Number) });
  expect(states[5]).toMatchObject({ hello: { server: { version: '1' }, scopes: ['read', 'write'] } });
  const told: unknown[] = [];
  const stop = link.watch((state) => void told.push(state));
  expect((await refusal(link.call('task.note', { taskId, text: 'x' }))).reason).toBe('FORBIDDEN');
  stop();
  expect(link.state).toMatchObject({ status: 'ended', error: { reason: 'FORBIDDEN' } });
  expect(told).toEqual([link.state]);
  await link.close();
  expect(link.state).toMatchObject({ status: 'ended', error: { reason: 'FORBIDDEN' } });
});

test('a token that was revoked, and what does not speak the protocol, end it for good', async () => {
  const revoked = await scripted(() => {}, {
    hello: (asking) => (asking.refuse(new TroupeError('UNAUTHENTICATED', 'the token is unknown or revoked')), false),
  });
  const other = await scripted(() => {}, { hello: (asking) => (asking.answer({ protocol: 'troupe.v9' }), false) });
  for (const [service, reason] of [
    [revoked, 'UNAUTHENTICATED'],
    [other, 'INVALID_REQUEST'],
  ] as const) {
    const { link, states } = watched(service.address);
    const ended = new Promise((resolve) => void link.follow(resolve));
    expect(await ended).toMatchObject({ kind: 'ended', error: { reason } });
    expect(states.at(-1)).toMatchObject({ status: 'ended', error: { reason } });
  }
});

test('a pause between two attempts ends at once when the page says so', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.99);
  onTestFinished(() => void vi.restoreAllMocks());
  const service = await scripted((asking) => asking.answer({}));
  let isThere = false;
  const { link } = watched(async () => {
    if (!isThere) throw new Error('offline');
    return service.address;
  });
  const call = link.call('task.get', { taskId });
  const retryAt = await new Promise<number>((resolve) => {
    link.watch((state) => {
      if (state.status === 'lost' && state.retryAt !== null && state.retryAt - Date.now() > 1_000) resolve(state.retryAt);
    });
  });
  isThere = true;
  link.retryNow();
  expect(link.state.status).toBe('lost');
  await call;
  expect(link.state.status).toBe('open');
  expect(Date.now()).toBeLessThan(retryAt);
});

test('a silent service is asked whether it is there; one that answers is kept, one that does not is left', async () => {
  let pings = 0;
  const service = await scripted(
    (asking) => {
      if (asking.method !== 'system.ping') asking.answer({});
      else if (asking.connection === 1 && (pings += 1) <= 3) asking.answer({ position: 'p' });
    },
    { heartbeatMs: 30 },
  );
  const { link, states } = watched(service.address);
  link.follow(() => {});
  await expect.poll(() => service.hellos, { timeout: 5_000 }).toBeGreaterThan(1);
  expect(pings).toBeGreaterThan(3);
  expect(states.find(({ status }) => status === 'lost')).toMatchObject({ error: { message: expect.stringContaining('heartbeats') } });
});

test('a page that wakes has a ping sent at once', async () => {
  const service = await scripted((asking) => asking.answer({}));
  const { link } = watched(service.address);
  await link.call('task.get', { taskId });
  link.retryNow();
  await expect.poll(() => service.asked.at(-1)?.method).toBe('system.ping');
});
