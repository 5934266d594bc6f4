import { describe, expect, test } from 'vitest';
import { addToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import type { Client, Notification } from '../support/client.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { taskId } from '../support/records.ts';
import { withTransport } from '../support/transport.ts';

const tasksOf = ({ events }: Client) => events.map((event) => event.taskId);
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => taskId(from + index));
const isBookmark = ({ method }: Notification) => method === 'events.bookmark';
/** The id stands at the beginning of an answer, however long it is. */
const withId = (id: number) => (frame: { readonly opcode: number; readonly payload: Buffer }) =>
  frame.opcode === opcodes.text && frame.payload.subarray(0, 50).includes(`"id":${id},`);

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

describe('a filter', () => {
  test('selects by project, root, task or session, and bookmarks move those that see nothing', () =>
    withTransport({ limits: { heartbeatMs: 40 } }, async ({ url, token, log, commit }) => {
      const client = await connect(url, token);
      const views = new Map<string, string>();
      for (const [name, filter] of Object.entries({
        project: { project: 'web' },
        root: { rootId: taskId(2) },
        task: { taskId: taskId(3) },
        session: { sessionId: `s_${'0'.repeat(26)}` as const },
        both: { project: 'web', rootId: taskId(1) },
        none: { project: 'nothing' },
      })) {
        views.set((await client.request('events.subscribe', { filter })).view, name);
      }
      await commit(1, { project: 'web' });
      await commit(1, { project: 'web', rootId: taskId(2), sessionId: `s_${'0'.repeat(26)}` });
      await commit(1, { project: 'api', rootId: taskId(2) });
      // Every view gets a bookmark of the head, so by then it got what it will get.
      for (const view of views.keys()) {
        await client.waitFor(
          ({ method, params }) => method === 'events.bookmark' && params.view === view && params['position'] === log.head,
        );
      }
      const seen = (name: string) => client.events.filter(({ view }) => views.get(view) === name).map((event) => event.taskId);
      expect(Object.fromEntries([...views.values()].map((name) => [name, seen(name)]))).toEqual({
        project: numbered(1, 2),
        root: numbered(2, 3),
        task: [taskId(3)],
        session: [taskId(2)],
        both: [taskId(1)],
        none: [],
      });
      await client.close();
    }));

  test('that is equal shares one view among connections, in whatever order its members come', () =>
    withTransport({}, async ({ url, token, commit }) => {
      const [first, second, third] = [await connect(url, token), await connect(url, token), await connect(url, token)];
      const { view } = await first.request('events.subscribe', { filter: { project: 'web', taskId: taskId(1) } });
      expect((await second.request('events.subscribe', { filter: { taskId: taskId(1), project: 'web' } })).view).toBe(view);
      expect((await first.request('events.subscribe', { filter: { taskId: taskId(1), project: 'web' } })).view).toBe(view);
      expect((await third.request('events.subscribe', { filter: { taskId: taskId(1), project: 'web' }, batchMs: 1 })).view).not.toBe(view);
      await commit(1, { project: 'web' });
      for (const client of [first, second]) {
        await client.until(() => client.events.length === 1);
        await client.request('system.ping', {});
        expect(client.events).toMatchObject([{ view, taskId: taskId(1) }]);
      }
      await first.close();
      await commit(1, { project: 'web' });
      expect((await second.request('events.subscribe', { filter: { project: 'web', taskId: taskId(1) } })).view).toBe(view);
      await Promise.all([second.close(), third.close()]);
    }));

  test('never shows more than the projects of the token', () =>
    withTransport({}, async ({ directory, url, token, log, commit }) => {
      const narrow = addToken(directory, { name: 'web', scopes: ['read'], projects: ['web'], now: 0 });
      const [wide, web] = [await connect(url, token), await connect(url, narrow)];
      const all = await wide.request('events.subscribe', {});
      const some = await web.request('events.subscribe', { since: log.head });
      expect(some.view).not.toBe(all.view);
      await commit(2, { project: 'api' });
      await commit(1, { project: 'web' });
      await commit(1, { project: 'api' });
      await commit(1, { project: 'web' });
      await web.until(() => web.events.length === 2);
      await wide.until(() => wide.events.length === 5);
      expect(tasksOf(web)).toEqual([taskId(3), taskId(5)]);
      await expect(web.request('events.subscribe', { filter: { project: 'api' } })).rejects.toMatchObject({ reason: 'FORBIDDEN' });
      await web.request('events.subscribe', { filter: { taskId: taskId(1) }, since: all.position });
      await web.waitFor(({ method, params }) => method === 'events.bookmark' && params.view !== some.view);
      expect(web.events).toHaveLength(2);
      await Promise.all([wide.close(), web.close()]);
    }));
});

describe('batching', () => {
  test('brings the events of a while in one message, each with its position', () =>
    withTransport({}, async ({ url, token, log, commit }) => {
      const client = await connect(url, token);
      const since = log.head;
      const { view } = await client.request('events.subscribe', { batchMs: 50 });
      await commit(2);
      const middle = log.head;
      await new Promise((resolve) => setImmediate(resolve));
      await commit(1);
      await client.until(() => client.events.length === 3);
      expect(client.notifications).toMatchObject([
        { method: 'events.batch', params: { view, events: [{}, { position: middle }, { position: log.head }] } },
      ]);
      expect(tasksOf(client)).toEqual(numbered(1, 3));
      await client.request('events.subscribe', { batchMs: 50, since });
      await client.waitFor(isBookmark);
      expect(client.notifications.map(({ method }) => method)).toEqual(['events.batch', 'events.batch', 'events.bookmark']);
      expect(tasksOf(client)).toEqual([...numbered(1, 3), ...numbered(1, 3)]);
      await client.close();
    }));
});

describe('drain', () => {
  test('ends every view with the position that it has got to', () =>
    withTransport({}, async ({ url, token, log, commit, ws }) => {
      const client = await connect(url, token);
      const { view } = await client.request('events.subscribe', {});
      const batched = await client.request('events.subscribe', { batchMs: 50 });
      await commit(3);
      await ws.drain();
      expect((await client.closed).code).toBe(1012);
      expect(client.events.filter((event) => event.view === view).map((event) => event.taskId)).toEqual(numbered(1, 3));
      expect(client.events.filter((event) => event.view === batched.view)).toHaveLength(3);
      const closed = client.notifications.filter(({ method }) => method === 'events.closed').map(({ params }) => params);
      expect(closed).toEqual([view, batched.view].map((each) => ({ view: each, reason: 'DRAINING', position: log.head })));
    }));
});

describe('a slow subscriber', () => {
  const big = { filling: 'x'.repeat(10_000) };

  /** A connection that has subscribed and reads nothing more. */
  async function stalled(port: number, token: string): Promise<RawSocket> {
    const raw = await upgrade(port);
    raw.request(0, 'session.hello', { token });
    raw.request(1, 'events.subscribe', {});
    await raw.frame(withId(1));
    raw.socket.pause();
    return raw;
  }
  const received = (raw: RawSocket) =>
    raw.frames
      .filter(({ opcode, payload }) => opcode === opcodes.text && payload.includes('events.event'))
      .map(({ payload }) => JSON.parse(payload.toString()).params as { taskId: string; position: string });

  test('costs nobody else anything, and goes on where it stood when it reads again', () =>
    withTransport({ limits: { highWaterBytes: 100_000 } }, async ({ port, url, token, log, commit }) => {
      const raw = await stalled(port, token);
      const quick = await connect(url, token);
      await quick.request('events.subscribe', {});
      // Far more than the sockets' buffers take.
      for (let round = 0; round < 10; round += 1) {
        await commit(100, {}, big);
        await quick.until(() => quick.events.length === (round + 1) * 100);
      }
      raw.socket.resume();
      await raw.frame((frame) => frame.payload.includes(`"position":"${log.head}"`));
      expect(received(raw).map((event) => event.taskId)).toEqual(numbered(1, 1_000));
      raw.destroy();
      await quick.close();
    }));

  /** Commits 30 MB, which no buffer takes, in turns of 50 events; `quick` keeps up. */
  async function flood(commit: (count: number, spec: object, data: typeof big) => Promise<void>, quick: Client): Promise<void> {
    await quick.request('events.subscribe', {});
    for (let round = 1; round <= 60; round += 1) {
      await commit(50, {}, big);
      await quick.until(() => quick.events.length === round * 50);
    }
  }

  test('that does not drain in time is cut with 4410, and loses nothing by it', () =>
    withTransport({ limits: { highWaterBytes: 100_000, drainMs: 300, closeMs: 5_000 } }, async ({ port, url, token, commit, lines }) => {
      const raw = await stalled(port, token);
      const quick = await connect(url, token);
      await flood(commit, quick);
      await expect.poll(() => lines.some(({ facts }) => JSON.stringify(facts).includes('4410')), { timeout: 5_000 }).toBe(true);
      raw.socket.resume();
      expect(await raw.closed()).toBe(4410);
      const before = received(raw);
      expect(before.map((event) => event.taskId)).toEqual(numbered(1, before.length));
      expect(before.length).toBeLessThan(3_000);
      const again = await connect(url, token);
      const since = before.at(-1)?.position ?? '';
      expect(await again.request('events.subscribe', { since })).toMatchObject({ mode: 'resumed' });
      await again.waitFor(isBookmark);
      expect([...before.map((event) => event.taskId), ...tasksOf(again)]).toEqual(numbered(1, 3_000));
      raw.destroy();
      await Promise.all([quick.close(), again.close()]);
    }));

  test('that falls out of the window is cut with 4410', () =>
    withTransport(
      { windowEvents: 500, limits: { highWaterBytes: 100_000, closeMs: 5_000 } },
      async ({ port, url, token, commit, lines }) => {
        const raw = await stalled(port, token);
        const quick = await connect(url, token);
        await flood(commit, quick);
        expect(lines.filter(({ facts }) => JSON.stringify(facts).includes('4410'))).toHaveLength(1);
        raw.socket.resume();
        expect(await raw.closed()).toBe(4410);
        const before = received(raw).map((event) => event.taskId);
        expect(before).toEqual(numbered(1, before.length));
        raw.destroy();
        await quick.close();
      },
    ));

  test('more events in one turn than the window holds cut everyone, rather than thin the stream', () =>
    withTransport({ windowEvents: 10 }, async ({ url, token, commit }) => {
      const client = await connect(url, token);
      await client.request('events.subscribe', {});
      await commit(11);
      expect((await client.closed).code).toBe(4410);
      expect(client.events).toEqual([]);
    }));

  test('of answers has its requests read only when it reads again', () =>
    withTransport({ limits: { highWaterBytes: 50_000 } }, async ({ port, url, token, dispatched }) => {
      const raw = await upgrade(port);
      raw.request(0, 'session.hello', { token });
      await raw.frame(withId(0));
      const other = await connect(url, token);
      raw.socket.pause();
      // 30 MB of answers, which no buffer takes; after each request a turn of the service.
      for (let id = 1; id <= 30; id += 1) {
        raw.request(id, 'test.fill', { bytes: 1_000_000 });
        await other.request('system.ping', {});
      }
      expect(dispatched()).toBeLessThan(30);
      raw.socket.resume();
      await raw.frame(withId(30));
      expect(raw.frames.filter(({ payload }) => payload.length > 1_000_000)).toHaveLength(30);
      raw.destroy();
      await other.close();
    }));
});
