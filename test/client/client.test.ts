import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { Client, connect } from '../../src/client/node.ts';
import type { ConnectOptions, Output, Run } from '../../src/client/node.ts';
import type { TaskId } from '../../src/ids.ts';
import { mutations } from '../../src/protocol/mutations.ts';
import { methods } from '../../src/protocol/methods.ts';
import { linkTo, refusal, scripted } from './scripted.ts';

/** The client's methods, against a peer that shows what was sent. */

const taskId: TaskId = 't_00000000000000000000000000';

function connected(options: ConnectOptions): Client {
  const client = connect({ giveUpMs: 2_000, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** Any method by its name, as a program without types calls it. */
const named = (client: Client, name: string): ((params?: object) => Promise<unknown>) => {
  const [group, method] = name.split('.') as [keyof Client, string];
  return (client[group] as unknown as Record<string, (params?: object) => Promise<unknown>>)[method]!;
};

test('has every row of the table but those of events, by its name', async () => {
  const service = await scripted(({ answer, params }) => answer(params));
  const client = connected(service.address);
  const names = Object.keys(methods).filter((name) => !name.startsWith('events.'));
  for (const name of names) {
    const answer = await named(client, name)({ given: name });
    const commandId = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(answer).toEqual({ given: name, ...(Object.hasOwn(mutations, name) ? { commandId } : {}) });
  }
  expect(service.asked.map(({ method }) => method)).toEqual(names);
});

test('params may be left out where none is needed, and groups are no promises', async () => {
  const service = await scripted(({ answer }) => answer({}));
  const client = connected(service.address);
  await client.system.status();
  expect(await Promise.resolve<unknown>(client.task)).toBe(client.task);
  expect(service.asked.map(({ method, params }) => [method, params])).toEqual([['system.status', {}]]);
});

test.each([
  (url: string) => url,
  (url: string) => url.replace(/^ws/, 'http').replace(/ws$/, ''),
  (url: string) => url.replace(/^ws/, 'http').replace(/\/ws$/, ''),
])('the address may be that of the page (%#), and a token is asked for before every connection', async (spelled) => {
  const tokens: unknown[] = [];
  const service = await scripted(({ connection, cut, answer }) => (connection === 1 ? cut() : answer({})), {
    hello: ({ params }) => (tokens.push(params['token']), true),
  });
  let asked = 0;
  const client = connected({ url: spelled(service.address.url), token: async () => `token-${(asked += 1)}` });
  await client.task.get({ taskId });
  expect(tokens).toEqual(['token-1', 'token-2']);
});

describe('a call that takes too long', () => {
  test('is rejected at once and withdrawn, with the commandId to send it again with', async () => {
    const service = await scripted(() => {});
    const client = connected(service.address);
    const error = await refusal(client.task.note({ taskId, text: 'x' }, { timeoutMs: 50 }));
    expect([error.reason, error.retryable, error.message]).toEqual(['CANCELLED', true, 'no answer within 50 ms']);
    expect(error.details.commandId).toBe(service.asked[0]?.params['commandId']);
    await expect.poll(() => service.asked.map(({ method }) => method), { timeout: 20_000 }).toEqual(['task.note', 'request.cancel']);
  });

  test('without a connection too, and unless told otherwise as the client was', async () => {
    const client = connected({ url: 'ws://127.0.0.1:9/ws', token: 'x', timeoutMs: 30 });
    expect((await refusal(client.task.get({ taskId }))).message).toBe('no answer within 30 ms');
    expect((await refusal(client.task.get({ taskId }, { timeoutMs: 40 }))).message).toBe('no answer within 40 ms');
  });

  test('a signal withdraws it as well', async () => {
    const client = connected({ url: 'ws://127.0.0.1:9/ws', token: 'x' });
    expect((await refusal(client.task.get({ taskId }, { signal: AbortSignal.abort(), timeoutMs: 10_000 }))).reason).toBe('CANCELLED');
  });
});

test('calls that nobody waits for do not pile up without an end', async () => {
  const client = new Client(linkTo(async () => new Promise<never>(() => {})));
  const calls = Array.from({ length: 10_001 }, () => client.task.get({ taskId }).catch((error: unknown) => error));
  expect(await calls.at(-1)).toMatchObject({ reason: 'TOO_MANY_IN_FLIGHT', retryable: true });
  await client.close();
  expect(await calls[0]).toMatchObject({ reason: 'CANCELLED' });
});

/** Only the compiler looks at this. */
export function types(client: Client): void {
  expectTypeOf(client.task.plan).parameter(0).toHaveProperty('title');
  expectTypeOf(client.task.plan({ title: 'x' })).resolves.toEqualTypeOf<Output<'task.plan'>>();
  expectTypeOf(client.task.get({ taskId })).resolves.toEqualTypeOf<Output<'task.get'>>();
  expectTypeOf(client.system.status()).resolves.toEqualTypeOf<Output<'system.status'>>();
  expectTypeOf(client.task.list()).resolves.toEqualTypeOf<Output<'task.list'>>();
  expectTypeOf(client.execute(taskId)).resolves.toEqualTypeOf<Run>();
  expectTypeOf(client.view({ fields: ['title', 'status'] })).resolves.toHaveProperty('items');
  // @ts-expect-error there is no such method
  void client.task.complet;
  // @ts-expect-error nor such a group: `client.events` is another thing
  void client.events.subscribe;
  // @ts-expect-error a title is a text
  void client.task.create({ title: 7 });
  // @ts-expect-error there is no such param
  void client.task.create({ title: 'x', tittle: 'y' });
  // @ts-expect-error the task must be named
  void client.task.get();
  // @ts-expect-error not just any text is the id of a task
  void client.task.get({ taskId: 'x' });
  // @ts-expect-error a row has the members that were asked for
  void client.view({ fields: ['title'] }).then(({ items }) => items.get(taskId)?.nothing);
  // @ts-expect-error work has a summary
  void client.work({}, () => ({ detailedWork: 'x' }));
}
