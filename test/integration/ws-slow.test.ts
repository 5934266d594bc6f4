import { describe, expect, test } from 'vitest';
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
