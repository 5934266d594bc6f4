import { describe, expect, test } from 'vitest';
import { addToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import type { Client, Notification } from '../support/client.ts';
import { taskId } from '../support/records.ts';
import { withTransport } from '../support/transport.ts';

const tasksOf = ({ events }: Client) => events.map((event) => event.taskId);
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => taskId(from + index));
const isBookmark = ({ method }: Notification) => method === 'events.bookmark';

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
