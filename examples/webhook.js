// A webhook from the event stream: every event of a project is posted to a URL, in order and at least once, signed as
// https://www.standardwebhooks.com has it. Where it got to lies in a file, so that it goes on there after a stop or a crash.
//
//   node examples/webhook.js        with TROUPE_URL and TROUPE_TOKEN: from a service of yours

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'troupe/client';
import { openReceiver } from './support/receiver.js';
import { openService } from './support/service.js';

/** @typedef {{ target: string, secret: string, signal: AbortSignal }} Receiver */

/** Again until it is taken. @param {Receiver} receiver @param {string} id @param {object} payload */
async function post({ target, secret, signal }, id, payload) {
  const body = JSON.stringify(payload);
  for (let longest = 50; ; longest = Math.min(2 * longest, 60_000)) {
    const time = String(Math.floor(Date.now() / 1_000));
    const signature = `v1,${createHmac('sha256', secret).update(`${id}.${time}.${body}`).digest('base64')}`;
    const headers = { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature };
    const soon = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    const answer = await fetch(target, { method: 'POST', headers, body, signal: soon }).catch(() => null);
    if (answer?.ok === true) return;
    await pause(Math.random() * longest, undefined, { signal });
  }
}

/** Sends what happens until the signal aborts. @param {string} file @param {Receiver} receiver */
async function send(file, receiver) {
  const since = await readFile(file, 'utf8').catch(() => undefined);
  for await (const item of client.events({ project }, { since, signal: receiver.signal })) {
    if (item.kind === 'event') await post(receiver, `${item.event.taskId ?? item.event.sessionId}:${item.event.rev}`, item.event);
    // More was missed than the service keeps: whoever receives this must read everything anew.
    if (item.kind === 'list') await post(receiver, item.position, { type: 'list' });
    // Not before: what was sent and not remembered is sent again, under the same id.
    await writeFile(`${file}.new`, item.kind === 'event' ? item.event.position : item.position);
    await rename(`${file}.new`, file);
  }
}

const { url, token, project, close } = await openService();
const client = connect({ url, token, worker: 'mover', giveUpMs: Infinity });
const secret = randomBytes(32).toString('base64');
const receiver = await openReceiver(secret);
const folder = await mkdtemp(join(tmpdir(), 'troupe-webhook-'));
const file = join(folder, 'position');

/** @returns {() => Promise<void>} */
function startSending() {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ended = send(file, { target: receiver.target, secret, signal }).catch((error) => {
    if (!signal.aborted) throw error;
  });
  return () => {
    stopping.abort();
    return ended;
  };
}

const { task: before, position } = await client.task.create({ title: 'Nobody is told of this', project });
await client.task.cancel({ taskId: before.id });
await writeFile(file, position);

const stopFirst = startSending();
const tasks = ['Pack', 'Carry', 'Unpack'].map((title) => ({ title }));
const plan = await client.task.plan({ title: 'Move house', project, rollUp: 'auto', tasks });
const mover = await client.work({ project }, ({ task }) => `${task.title}: done`);
// The eighth call is refused, so this event must come again.
await receiver.until(() => receiver.calls() === 8);
await stopFirst();
const atStop = receiver.taken.size;

// While nobody sends, everything goes on.
for await (const item of client.events({ taskId: plan.task.id }, { since: plan.position }))
  if (item.kind === 'event' && item.event.type === 'task.completed') break;

const ids = [before.id, plan.task.id, ...Object.values(plan.tasks)];
const histories = await Promise.all(ids.map(async (taskId) => (await client.task.history({ taskId })).items));
const happened = histories.flat().map(({ taskId, rev }) => [taskId, rev].join(':'));
const told = happened.filter((id) => id !== `${before.id}:1`);
const stopSecond = startSending();
await receiver.until(() => receiver.taken.size === told.length);
await stopSecond();

assert(atStop < told.length);
assert.deepEqual([...receiver.taken.keys()].sort(), told.sort());
for (const taskId of ids) {
  const revs = [...receiver.taken.keys()].filter((id) => id.startsWith(`${taskId}:`)).map((id) => Number(id.split(':')[1]));
  assert.deepEqual(
    revs,
    revs.toSorted((a, b) => a - b),
  );
}
const forged = await fetch(receiver.target, { method: 'POST', body: '{}', headers: { 'webhook-id': 'x', 'webhook-signature': 'v1,x' } });
assert.equal(forged.status, 401);
console.log(`webhook: ${told.length} events in order, ${receiver.calls()} calls, none lost over failures and a stop in the middle`);

await mover.stop();
receiver.close();
await client.close();
await close();
await rm(folder, { recursive: true });
