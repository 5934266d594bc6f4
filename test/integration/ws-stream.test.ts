import { describe, expect, test } from 'vitest';
import { connect } from '../support/client.ts';
import type { Client, Notification } from '../support/client.ts';
import { upgrade } from '../support/raw-socket.ts';
import { taskId } from '../support/records.ts';
import { withTransport } from '../support/transport.ts';

const tasksOf = ({ events }: Client) => events.map((event) => event.taskId);
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => taskId(from + index));
const isBookmark = ({ method }: Notification) => method === 'events.bookmark';

describe('a subscription', () => {
  test('from now gets every event from then on, with its position, under its view', () =>
    withTransport({}, async ({ url, token, log, commit }) => {
      await commit(3);
      const client = await connect(url, token);
      const answer = await client.request('events.subscribe', {});
      expect(answer).toEqual({ view: 'v1', mode: 'live', position: log.head });
      await commit(2);
      await client.until(() => client.events.length === 2);
      expect(tasksOf(client)).toEqual(numbered(4, 5));
      expect(client.events[1]).toMatchObject({ view: 'v1', position: log.head, v: 1, type: 'task.created', rev: 1, by: 'tester' });
      await client.close();
    }));

  test('ends with unsubscribe', () =>
    withTransport({}, async ({ url, token, commit }) => {
      const [client, other] = [await connect(url, token), await connect(url, token)];
      const { view } = await client.request('events.subscribe', {});
      await other.request('events.subscribe', {});
      expect(await client.request('events.unsubscribe', { view })).toEqual({ view });
      await commit(1);
      await other.until(() => other.events.length === 1);
      await client.request('system.ping', {});
      expect(client.notifications).toEqual([]);
      await expect(client.request('events.unsubscribe', { view })).rejects.toMatchObject({ reason: 'VIEW_NOT_FOUND' });
      await Promise.all([client.close(), other.close()]);
    }));

  test('is one of at most so many', () =>
    withTransport({ limits: { maxSubscriptions: 2 } }, async ({ url, token }) => {
      const client = await connect(url, token);
      const { view } = await client.request('events.subscribe', { filter: { project: 'a' } });
      await client.request('events.subscribe', { filter: { project: 'b' } });
      await expect(client.request('events.subscribe', {})).rejects.toMatchObject({
        reason: 'LIMIT_EXCEEDED',
        data: { limit: { name: 'maxSubscriptions', max: 2 } },
      });
      // An equal one is not one more.
      expect((await client.request('events.subscribe', { filter: { project: 'a' } })).view).toBe(view);
      await client.request('events.unsubscribe', { view });
      await client.request('events.subscribe', {});
      await client.close();
    }));

  test('answers before its first event', () =>
    withTransport({}, async ({ port, token, commit, log }) => {
      const before = log.head;
      await commit(3);
      const raw = await upgrade(port);
      raw.request(0, 'session.hello', { token });
      raw.request(1, 'events.subscribe', { since: before });
      await raw.frame((frame) => frame.payload.includes('events.bookmark'));
      const kinds = raw.frames.map(({ payload }) => JSON.parse(payload.toString())).map(({ id, method }) => id ?? method);
      expect(kinds).toEqual([0, 1, 'events.event', 'events.event', 'events.event', 'events.bookmark']);
      raw.destroy();
    }));
});

describe('resuming', () => {
  test('brings every missed event, then a bookmark, then what is new', () =>
    withTransport({}, async ({ url, token, log, commit }) => {
      await commit(2);
      const since = log.head;
      await commit(700);
      const client = await connect(url, token);
      const answer = await client.request('events.subscribe', { since });
      expect(answer).toEqual({ view: 'v1', mode: 'resumed', position: since });
      const bookmark = await client.waitFor(isBookmark);
      expect(tasksOf(client)).toEqual(numbered(3, 702));
      expect(bookmark.params).toEqual({ view: 'v1', position: log.head });
      await commit(1);
      await client.until(() => client.events.length === 701);
      expect(tasksOf(client).at(-1)).toBe(taskId(703));
      await client.close();
    }));

  test('while events flow loses none and repeats none', () =>
    withTransport({}, async ({ url, token, log, commit }) => {
      const since = log.head;
      await commit(500);
      const done = new AbortController();
      const flow = (async () => {
        for (let round = 0; !done.signal.aborted; round += 1) {
          await commit(1 + (round % 3));
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const clients = await Promise.all(Array.from({ length: 5 }, () => connect(url, token)));
      await Promise.all(clients.map((client) => client.request('events.subscribe', { since })));
      await Promise.all(clients.map((client) => client.waitFor(isBookmark)));
      done.abort();
      await flow;
      const total = log.end;
      for (const client of clients) {
        await client.until(() => client.events.length >= total);
        expect(tasksOf(client)).toEqual(numbered(1, total));
      }
      await Promise.all(clients.map((client) => client.close()));
    }));

  test('from the head brings a bookmark at once', () =>
    withTransport({}, async ({ url, token, log, commit }) => {
      await commit(1);
      const client = await connect(url, token);
      expect(await client.request('events.subscribe', { since: log.head })).toMatchObject({ mode: 'resumed', position: log.head });
      expect((await client.waitFor(isBookmark)).params['position']).toBe(log.head);
      expect(client.events).toEqual([]);
      await client.close();
    }));

  test.each([
    ['another log', 'e7f3:1:9c1d'],
    ['this log, but before the window', null],
  ])('from a position of %s is answered with list, all or nothing', (_, foreign) =>
    withTransport({ windowEvents: 10 }, async ({ url, token, log, commit }) => {
      const old = log.head;
      await commit(11);
      const client = await connect(url, token);
      const answer = await client.request('events.subscribe', { since: foreign ?? old });
      expect(answer).toEqual({ view: 'v1', mode: 'list', reason: 'POSITION_GONE', position: log.head });
      await commit(1);
      await client.until(() => client.events.length === 1);
      expect(tasksOf(client)).toEqual([taskId(12)]);
      await client.close();
    }),
  );

  test('at the edge of the window still brings everything', () =>
    withTransport({ windowEvents: 10 }, async ({ url, token, log, commit }) => {
      await commit(1);
      const since = log.head;
      await commit(10);
      const client = await connect(url, token);
      expect(await client.request('events.subscribe', { since })).toMatchObject({ mode: 'resumed' });
      await client.waitFor(isBookmark);
      expect(tasksOf(client)).toEqual(numbered(2, 11));
      await client.close();
    }));

  test('on the same connection goes back to the position, on the same view', () =>
    withTransport({}, async ({ url, token, log, commit }) => {
      const client = await connect(url, token);
      const { view, position } = await client.request('events.subscribe', {});
      await commit(3);
      await client.until(() => client.events.length === 3);
      expect(await client.request('events.subscribe', { since: position })).toEqual({ view, mode: 'resumed', position });
      expect((await client.waitFor(isBookmark)).params['position']).toBe(log.head);
      expect(tasksOf(client)).toEqual([...numbered(1, 3), ...numbered(1, 3)]);
      await commit(1);
      await client.until(() => client.events.length === 7);
      await client.close();
    }));
});
