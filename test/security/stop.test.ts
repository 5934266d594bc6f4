import { beforeAll, expect, test } from 'vitest';
import { buildCommand, start } from '../support/command.ts';
import { connect } from '../support/client.ts';
import { upgrade } from '../support/raw-socket.ts';
import { addressed, clientOf, exchange, greeted, requestText, serve } from './served.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

test('SIGTERM: not ready, no new upgrades, work in flight finishes, views and connections end, mute peers are cut, and all of it is kept', async () => {
  const service = await serve(command);
  const { port, url, token, data, running } = service;
  const client = await connect(url, token);
  const { view } = await client.request('events.subscribe', {});
  const waiting = client.call('task.claim', { waitMs: 30_000, filter: { project: 'nothing' } });
  // It reads nothing, so it never answers a close, and the service has to wait for it.
  const mute = await greeted(service);
  mute.socket.pause();
  // A connection whose next request comes when the service stops.
  const kept = { text: requestText('GET /readyz HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Connection: close') };
  const titles = Array.from({ length: 40 }, (_, index) => `In flight ${index}`);
  const work = titles.map((title) =>
    client.request('task.create', { title }).then(
      () => title,
      () => null,
    ),
  );
  await client.request('system.ping', {});
  running.child.kill('SIGTERM');
  await expect(waiting).rejects.toMatchObject({ reason: 'DRAINING' });
  // The mute peer keeps the port open for a while.
  expect((await exchange(port, kept.text)).status).toBe(503);
  expect((await upgrade(port)).status).toBe(503);
  expect((await client.closed).code).toBe(1012);
  const done = (await Promise.all(work)).filter((title) => title !== null);
  expect(client.notifications.at(-1)).toMatchObject({ method: 'events.closed', params: { view, reason: 'DRAINING' } });
  expect(await running.exit).toEqual({ code: 0, signal: null });
  mute.destroy();

  const again = await addressed(start(command, ['serve', '--json', '--port', '0', '--data', data]), data);
  const { items } = await (await clientOf(again)).request('task.list', { limit: 1_000 });
  expect(items.map(({ title }) => title)).toEqual(expect.arrayContaining(done));
});
