import { once } from 'node:events';
import { beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../support/client.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { listAll } from '../stream/follower.ts';
import { compileService, Restarted } from '../stream/service.ts';
import { Tally, write } from '../stream/writers.ts';
import { inspectUrl, isEvent } from './receiver.ts';
import type { Frame } from './receiver.ts';

/** What an inspector was shown is there after the service died right then. */

let program = '';
beforeAll(async () => {
  program = await compileService();
});

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** The newest revision of each task that was shown until the service was gone. */
async function shownUntil(service: Restarted, die: (events: number) => boolean): Promise<Map<string, number>> {
  const address = await service.address;
  const tally = new Tally();
  const writing = [0, 1].map((index) => write({ address: Promise.resolve(address) }, `w${index}`, randomFrom(seed + index), tally));
  const ws = new WebSocket(inspectUrl(address), { headers: { authorization: `Bearer ${address.token}` } });
  const shown = new Map<string, number>();
  let events = 0;
  const stopping: Promise<void>[] = [];
  ws.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Frame;
    if (!isEvent(frame) || !frame.sessionId.startsWith('t_')) return;
    shown.set(frame.sessionId, Math.max(shown.get(frame.sessionId) ?? 0, (frame.event as unknown as { rev: number }).rev));
    events += 1;
    if (stopping.length === 0 && die(events)) stopping.push(service.stop('SIGKILL'));
  });
  ws.on('error', () => {});
  await once(ws, 'close');
  tally.stopped = true;
  await Promise.all([...writing, ...stopping]);
  await service.ended;
  expect(events).toBeGreaterThan(0);
  return shown;
}

async function lostOf(service: Restarted, shown: ReadonlyMap<string, number>): Promise<unknown[]> {
  const { url, token } = await service.start();
  const fresh = await connect(url, token);
  const stored = await listAll(fresh, {});
  await fresh.close();
  return [...shown].filter(([id, rev]) => (stored.get(id as `t_${string}`)?.rev ?? 0) < rev);
}

test(`killed when event 60 was shown (SEED=${seed})`, async () => {
  const service = new Restarted(program, await temporaryDirectory());
  await service.start();
  expect(await lostOf(service, await shownUntil(service, (events) => events >= 60))).toEqual([]);
});

test(`without power between the commit and what it shows (SEED=${seed})`, async () => {
  const service = new Restarted(program, await temporaryDirectory());
  await service.start({ cutAtSync: 30 });
  expect(await lostOf(service, await shownUntil(service, () => false))).toEqual([]);
});
