import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { subprotocol } from '../../src/protocol/subprotocol.ts';
import { connect } from '../support/client.ts';
import { startTroupe } from './service.ts';
import type { Address } from './service.ts';

/** A thousand subscribers of one service. */

const crowd = 1_000;

interface Watcher {
  /** The positions of its events, as they came. */
  readonly positions: string[];
  readonly ws: WebSocket;
}

/** Resolves when it has subscribed. It reads no more of an event than it must: there are many of them. */
function watch({ url, token }: Address, params: object, onEvent: () => void): Promise<Watcher> {
  const ws = new WebSocket(url, subprotocol, { perMessageDeflate: false });
  const positions: string[] = [];
  return new Promise((resolve, reject) => {
    ws.on('error', reject);
    ws.on('open', () => {
      ws.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'session.hello', params: { token } }));
      ws.send(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'events.subscribe', params }));
    });
    ws.on('message', (data: Buffer) => {
      const text = data.toString('latin1', 0, 160);
      if (text.startsWith('{"jsonrpc":"2.0","id":2,"result"')) resolve({ positions, ws });
      if (!text.includes('"events.event"')) return;
      positions.push(/"position":"([^"]+)"/.exec(text)?.[1] ?? text);
      onEvent();
    });
  });
}

test(`${crowd} subscribers get each event once and in order, whether they were there or came later`, { timeout: 60_000 }, async () => {
  const service = await startTroupe();
  const boss = await connect(service.url, service.token);
  await boss.request('events.subscribe', {});
  const { position: since } = boss.hello;
  const { task } = await boss.request('task.create', { title: 'Noted' });
  const note = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await boss.request('task.note', { taskId: task.id, text: `note ${n}` });
  };

  let seen = 0;
  let onAll: () => void = () => {};
  const wanted = crowd * 41;
  const all = new Promise<void>((resolve) => void (onAll = resolve));
  const onEvent = (): void => {
    seen += 1;
    if (seen >= wanted) onAll();
  };
  const join = (count: number) => Promise.all(Array.from({ length: count }, () => watch(service, { since }, onEvent)));
  const watchers = await join(crowd / 2);
  await note(10);
  // The others come while events flow.
  const [late] = await Promise.all([join(crowd / 2), note(15)]);
  watchers.push(...late);
  await note(15);
  await all;
  const expected = boss.events.map(({ position }) => position);
  expect(expected).toHaveLength(41);
  expect(watchers.filter(({ positions }) => positions.join() !== expected.join())).toEqual([]);
  for (const { ws } of watchers) ws.terminate();
  await boss.close();
});
