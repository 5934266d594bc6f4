import { describe, expect, test } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import { wireOf } from '../../src/fixes.ts';
import { closeCodes } from '../../src/protocol/close-codes.ts';
import { linkTo, refusal, scripted } from './scripted.ts';
import type { Asking } from './scripted.ts';

const taskId = 't_00000000000000000000000000' as const;
const noted = { taskId, text: 'x' } as const;

describe('a connection that is lost', () => {
  test('in flight: the command is sent again with the same commandId, which it had from the start', async () => {
    const service = await scripted((asking) => (asking.connection === 1 ? asking.cut() : asking.answer({ done: true })));
    expect(await linkTo(service.address).call('task.note', noted)).toEqual({ done: true });
    const [first, second] = service.asked;
    expect(first?.params['commandId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.params).toEqual(first?.params);
    expect(service.asked).toHaveLength(2);
  });

  test('in flight: a read is sent again too, and a given commandId is kept', async () => {
    const service = await scripted((asking) => (asking.connection === 1 ? asking.cut() : asking.answer(asking.params)));
    const link = linkTo(service.address);
    const answers = await Promise.all([link.call('task.get', { taskId }), link.call('task.note', { ...noted, commandId: 'mine' })]);
    expect(answers).toEqual([{ taskId }, { ...noted, commandId: 'mine' }]);
  });

  test('by a restart: it is made anew at once, as often as it takes', async () => {
    const service = await scripted((asking) => (asking.connection < 5 ? asking.close(closeCodes.restart) : asking.answer({})));
    await linkTo(service.address).call('task.get', { taskId });
    expect(service.hellos).toBe(5);
  });

  test('by the same request again and again: it gives up, since that may be what ends them', async () => {
    const service = await scripted((asking) => asking.close(closeCodes.restart));
    const error = await refusal(linkTo(service.address).call('task.note', { ...noted, commandId: 'c-1' }));
    expect([error.reason, error.retryable, error.details.commandId]).toEqual(['UNREACHABLE', true, 'c-1']);
    expect(service.asked).toHaveLength(16);
  });

  test.each([closeCodes.badFrame, closeCodes.forbidden, closeCodes.subprotocol, closeCodes.tooBig, closeCodes.notText, closeCodes.policy])(
    'for good (%i): every call is refused, and no other connection is made',
    async (code) => {
      const service = await scripted((asking) => asking.close(code));
      const link = linkTo(service.address);
      const first = await refusal(link.call('task.get', { taskId }));
      expect(first.retryable).toBe(false);
      expect(first.message).toContain(String(code));
      expect((await refusal(link.call('task.get', { taskId }))).message).toBe(first.message);
      expect(service.hellos).toBe(1);
    },
  );
});

test('a hello that is answered by the end for good is not said again', async () => {
  const service = await scripted(() => {}, { hello: ({ close }) => (close(closeCodes.forbidden), false) });
  const link = linkTo(service.address);
  expect((await refusal(link.call('task.get', { taskId }))).reason).toBe('FORBIDDEN');
  expect((await refusal(link.call('task.get', { taskId }))).reason).toBe('FORBIDDEN');
  expect(service.hellos).toBe(1);
});

describe('a token that is refused', () => {
  const refuse = (asking: Asking) => {
    asking.refuse(new TroupeError('UNAUTHENTICATED', 'the token is unknown or revoked'));
    asking.close(closeCodes.unauthenticated);
    return false;
  };

  test('is read once more, then the link stops', async () => {
    const service = await scripted(() => {}, { hello: refuse });
    let reads = 0;
    const link = linkTo(async () => {
      reads += 1;
      return service.address;
    });
    expect((await refusal(link.call('task.get', { taskId }))).reason).toBe('UNAUTHENTICATED');
    expect((await refusal(link.call('task.get', { taskId }))).reason).toBe('UNAUTHENTICATED');
    expect([reads, service.hellos]).toEqual([2, 2]);
  });

  test('after the connection was closed for it: another token goes on', async () => {
    const tokens: unknown[] = [];
    const service = await scripted((asking) => (asking.connection === 1 ? asking.close(closeCodes.unauthenticated) : asking.answer({})), {
      hello: (asking) => (tokens.push(asking.params['token']), true),
    });
    const link = linkTo(async () => ({ ...service.address, token: `token-${tokens.length}` }));
    await link.call('task.get', { taskId });
    expect(tokens).toEqual(['token-0', 'token-1']);
  });
});

describe('a refusal', () => {
  const refusing = (times: number, error: TroupeError) => {
    let left = times;
    return (asking: Asking) => ((left -= 1) >= 0 ? asking.refuse(error) : asking.answer({}));
  };

  test.each([
    new TroupeError('RATE_LIMITED', 'too many requests', { retryAfterMs: 10 }),
    new TroupeError('TOO_MANY_IN_FLIGHT', 'too many', { retryAfterMs: 10 }),
    new TroupeError('DRAINING', 'the service stops'),
    new TroupeError('STORE_UNAVAILABLE', 'no space'),
  ])('because of the moment ($reason) is met by sending the same again', async (error) => {
    const service = await scripted(refusing(2, error));
    await linkTo(service.address).call('task.note', noted);
    expect(service.asked).toHaveLength(3);
    expect(new Set(service.asked.map(({ params }) => params['commandId'])).size).toBe(1);
  });

  test('because of the moment reaches the caller when it lasts, with the commandId to try again with', async () => {
    const service = await scripted((asking) => asking.refuse(new TroupeError('STORE_UNAVAILABLE', 'no space')));
    const error = await refusal(linkTo(service.address, { patienceMs: 100 }).call('task.note', noted));
    expect([error.reason, error.retryable, error.message]).toEqual(['STORE_UNAVAILABLE', true, 'no space']);
    expect(error.details.commandId).toBe(service.asked[0]?.params['commandId']);
    expect(service.asked.length).toBeGreaterThan(1);
  });

  test('of the request itself reaches the caller at once, as the service said it', async () => {
    const said = new TroupeError('INVALID_TRANSITION', 'it is done', { taskId, allowed: ['REOPEN'], fix: 'reopen it' });
    const service = await scripted((asking) => asking.refuse(said));
    const error = await refusal(linkTo(service.address).call('task.note', noted));
    expect(wireOf(error)).toEqual(wireOf(said));
    expect(service.asked).toHaveLength(1);
  });

  test('with a reason of a newer service is told as a fault, with the words of the service', async () => {
    const service = await scripted((asking) => {
      asking.refuse({ code: 999, message: 'the moon is full', data: { reason: 'MOON', fix: 'wait for dawn', retryable: true } });
    });
    const error = await refusal(linkTo(service.address).call('task.get', { taskId }));
    expect([error.reason, error.message, error.fix]).toEqual(['INTERNAL', 'MOON: the moon is full', 'wait for dawn']);
  });
});

describe('the limits of the hello', () => {
  test('bound what is in flight', async () => {
    const open = new Set<Asking>();
    let most = 0;
    const service = await scripted(
      (asking) => {
        open.add(asking);
        most = Math.max(most, open.size);
        setImmediate(() => (open.delete(asking), asking.answer({})));
      },
      { limits: { maxInFlight: 3 } },
    );
    const link = linkTo(service.address);
    await Promise.all(Array.from({ length: 20 }, () => link.call('task.get', { taskId })));
    expect([most, service.asked.length]).toEqual([3, 20]);
  });

  test('refuse what no message can carry, before it is sent', async () => {
    const service = await scripted((asking) => asking.answer({}), { limits: { maxMessageBytes: 1_000 } });
    const error = await refusal(linkTo(service.address).call('task.note', { taskId, text: 'ü'.repeat(500) }));
    expect([error.reason, error.details.limit?.max]).toEqual(['TOO_LARGE', 1_000]);
    expect(service.asked).toEqual([]);
  });
});

describe('a call that is withdrawn', () => {
  test('in flight is cancelled at the service, whose answer counts', async () => {
    const service = await scripted(({ method, params, answer }) => {
      if (method !== 'request.cancel') return;
      answer({ cancelled: true });
      const target = service.asked.find(({ id }) => id === params['id']);
      if (target?.method === 'task.claim') target.refuse(new TroupeError('CANCELLED', 'the request was withdrawn'));
      else target?.answer({ won: true });
    });
    const link = linkTo(service.address);
    const abort = new AbortController();
    const claim = refusal(link.call('task.claim', { waitMs: 30_000 }, { signal: abort.signal }));
    const other = link.call('task.get', { taskId }, { signal: abort.signal });
    await expect.poll(() => service.asked.length).toBe(2);
    abort.abort();
    expect((await claim).reason).toBe('CANCELLED');
    expect(await other).toEqual({ won: true });
  });

  test('before it was sent never goes out', async () => {
    const service = await scripted(() => {}, { limits: { maxInFlight: 1 } });
    const link = linkTo(service.address);
    const held = refusal(link.call('task.get', { taskId }));
    const abort = new AbortController();
    const second = refusal(link.call('task.note', noted, { signal: abort.signal }));
    await expect.poll(() => service.asked.length).toBe(1);
    abort.abort();
    expect((await second).reason).toBe('CANCELLED');
    expect((await refusal(link.call('task.note', noted, { signal: AbortSignal.abort() }))).reason).toBe('CANCELLED');
    await link.close();
    expect((await held).reason).toBe('CANCELLED');
    expect(service.asked).toHaveLength(1);
  });

  test('while there is no connection ends at once', async () => {
    const abort = new AbortController();
    const link = linkTo(() => new Promise(() => {}));
    const call = refusal(link.call('task.get', { taskId }, { signal: abort.signal }));
    abort.abort();
    expect((await call).reason).toBe('CANCELLED');
  });
});

describe('a service that is not there', () => {
  test('is given up after a time, and asked for again with the next call', async () => {
    const service = await scripted((asking) => asking.answer({}));
    let isThere = false;
    const link = linkTo(() => (isThere ? Promise.resolve(service.address) : Promise.reject(new Error('nobody is at home'))), {
      giveUpMs: 300,
    });
    const error = await refusal(link.call('task.note', noted));
    expect([error.reason, error.retryable]).toEqual(['UNREACHABLE', true]);
    expect(error.message).toContain('nobody is at home');
    isThere = true;
    await link.call('task.note', { ...noted, commandId: error.details.commandId });
    expect(service.asked[0]?.params['commandId']).toBe(error.details.commandId);
  });

  test('and can never be, says so at once', async () => {
    const link = linkTo(() => Promise.reject(new TroupeError('START_FAILED', 'the disk is broken')));
    expect((await refusal(link.call('task.get', { taskId }))).message).toBe('the disk is broken');
  });

  test('because the link was closed: calls are refused and nothing connects', async () => {
    const service = await scripted((asking) => asking.answer({}));
    const link = linkTo(service.address);
    await link.close();
    expect((await refusal(link.call('task.get', { taskId }))).reason).toBe('CANCELLED');
    expect(service.hellos).toBe(0);
  });

  test('ends whoever follows', async () => {
    const link = linkTo(() => Promise.reject(new TroupeError('START_FAILED', 'the disk is broken')));
    const told = await new Promise((resolve) => void link.follow(resolve));
    expect(told).toMatchObject({ kind: 'ended', error: { reason: 'START_FAILED' } });
  });
});
