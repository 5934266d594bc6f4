import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { addToken, revokeToken } from '../../src/transport/tokens.ts';
import type { Grant } from '../../src/transport/tokens.ts';
import { Tickets } from '../../src/transport/inspect/tickets.ts';
import { connect } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { createManualClock } from '../support/service.ts';
import { portOf, startTroupe } from '../stream/service.ts';
import type { InProcess } from '../stream/service.ts';
import { enter, inspect, inspectUrl, isActor, ticketUrl } from './receiver.ts';

/** Who may inspect what, for how long, and how it ends. */

const pathOf = (url: string): string => url.slice(url.indexOf('/inspect'));

/** The status that an upgrade is answered with. */
async function statusOf(service: InProcess, path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const raw = await upgrade(portOf(service), { path, headers, protocols: null });
  raw.destroy();
  return raw.status;
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function open(options: Parameters<typeof startTroupe>[0] = {}) {
  const service = await startTroupe(options);
  return { service, client: await enter(service) };
}

async function opened(service: InProcess, client: Client): Promise<RawSocket> {
  const raw = await upgrade(portOf(service), { path: pathOf(await ticketUrl(client, service)), protocols: null });
  onTestFinished(() => raw.destroy());
  return raw;
}

describe('a ticket', () => {
  test('opens once; the token in the header opens whenever; neither, or a token in the URL, opens nothing', async () => {
    const { service, client } = await open();
    const path = pathOf(await ticketUrl(client, service));
    expect(await statusOf(service, path)).toBe(101);
    expect(await statusOf(service, path)).toBe(401);
    expect(await statusOf(service, '/inspect', bearer(service.token))).toBe(101);
    expect(await statusOf(service, '/inspect', bearer(service.token))).toBe(101);
    expect(await statusOf(service, '/inspect', bearer(`${service.token}x`))).toBe(401);
    expect(await statusOf(service, '/inspect')).toBe(401);
    expect(await statusOf(service, `/inspect?token=${service.token}&ticket=${service.token}`)).toBe(401);
    // A wrong token is not made good by a ticket.
    expect(await statusOf(service, pathOf(await ticketUrl(client, service)), bearer('x'))).toBe(401);
    // It opens nothing else.
    const { ticket } = await client.request('inspection.ticket', {});
    await expect(connect(service.url, ticket)).rejects.toThrow('UNAUTHENTICATED');
    expect((await fetch(inspectUrl(service).replace('ws', 'http'), { headers: bearer(service.token) })).status).toBe(404);
    await client.close();
  });

  test('is over after its time, by the clock', () => {
    const clock = createManualClock();
    const tickets = new Tickets({ now: clock.now, lifeMs: 60_000 });
    const grant: Grant = { name: 'a', scopes: ['read'], projects: null };
    const [early, late] = [tickets.issue(grant), tickets.issue(grant)];
    expect(Date.parse(early.expiresAt)).toBe(clock.now() + 60_000);
    clock.advance(59_999);
    expect(tickets.use(early.ticket)).toBe(grant);
    clock.advance(1);
    expect(tickets.use(late.ticket)).toBeNull();
  });

  test('that is over opens nothing; so many are kept of one token, and none of it pushes out those of another', async () => {
    const { service, client } = await open({ limits: { ticketMs: 0 } });
    expect(await statusOf(service, pathOf(await ticketUrl(client, service)))).toBe(401);
    await client.close();
    const tickets = new Tickets({ now: () => 0, lifeMs: 1 });
    const [one, other]: Grant[] = [
      { name: 'a', scopes: ['read'], projects: null },
      { name: 'b', scopes: ['read'], projects: null },
    ];
    const kept = tickets.issue(other!);
    const many = Array.from({ length: 40 }, () => tickets.issue(one!));
    expect(many.map(({ ticket }) => tickets.use(ticket)).filter((grant) => grant !== null)).toHaveLength(16);
    expect(tickets.use(kept.ticket)).toBe(other);
  });

  test('of a token that was revoked meanwhile opens nothing, even when the name is given anew', async () => {
    const { service, client } = await open();
    const guest = await connect(service.url, addToken(service.data, { name: 'guest', scopes: ['read'], projects: null, now: 0 }));
    const [before, after] = [pathOf(await ticketUrl(guest, service)), pathOf(await ticketUrl(guest, service))];
    expect(await statusOf(service, before)).toBe(101);
    revokeToken(service.data, 'guest');
    addToken(service.data, { name: 'guest', scopes: ['read'], projects: null, now: 0 });
    expect(await statusOf(service, after)).toBe(401);
    guest.terminate();
    await client.close();
  });

  test('and what it opens stand in no line of the log', async () => {
    const { service, client } = await open();
    await client.request('task.create', { title: 'MARKED-title' });
    const path = pathOf(await ticketUrl(client, service));
    const raw = await upgrade(portOf(service), { path, protocols: null });
    expect(await statusOf(service, path)).toBe(401);
    expect(await statusOf(service, path, { Host: 'evil.example' })).toBe(403);
    raw.write(opcodes.text, 'x'.repeat(5_000));
    expect(await raw.closed()).toBe(1009);
    raw.destroy();
    const { ticket } = await client.request('inspection.ticket', {});
    expect(service.lines.length).toBeGreaterThan(2);
    const said = service.lines.join('\n');
    for (const secret of [new URLSearchParams(path.slice(path.indexOf('?'))).get('ticket')!, ticket, service.token, 'MARKED'])
      expect([secret, said.includes(secret)]).toEqual([secret, false]);
    await client.close();
  });
});

describe('the gate', () => {
  test('lets no other site and no other host in, asks for the scope, and refuses what can not be shown', async () => {
    const { service, client } = await open();
    const port = portOf(service);
    const path = pathOf(await ticketUrl(client, service));
    for (const headers of [{ Origin: 'https://evil.example' }, { Origin: 'null' }, { Host: `evil.example:${port}` }])
      expect(await statusOf(service, path, headers)).toBe(403);
    // Refused at the gate, so not spent; our own origin may.
    expect(await statusOf(service, path, { Origin: `http://127.0.0.1:${port}` })).toBe(101);
    const writer = addToken(service.data, { name: 'writer', scopes: ['write'], projects: null, now: 0 });
    expect(await statusOf(service, '/inspect', bearer(writer))).toBe(403);
    const own = await connect(service.url, writer);
    await expect(own.request('inspection.ticket', {})).rejects.toMatchObject({ reason: 'FORBIDDEN' });
    const nobody = `t_${'0'.repeat(26)}`;
    expect(await statusOf(service, `/inspect?rootId=${nobody}`, bearer(service.token))).toBe(404);
    expect(await statusOf(service, '/inspect?rootId=tea', bearer(service.token))).toBe(400);
    expect(await statusOf(service, '/inspect?context=yes', bearer(service.token))).toBe(400);
    await Promise.all([client.close(), own.close()]);
  });

  test('shows a token its own projects, at first and later', async () => {
    const { service, client } = await open();
    const guest = await connect(service.url, addToken(service.data, { name: 'guest', scopes: ['read'], projects: ['own'], now: 0 }));
    const [own, other] = [
      (await client.request('task.create', { title: 'Own', project: 'own' })).task.id,
      (await client.request('task.create', { title: 'Other' })).task.id,
    ];
    await client.request('session.create', { title: 'Other session' });
    const receiver = await inspect(guest, service);
    await receiver.until(() => receiver.frames.length === 1);
    await client.request('task.block', { taskId: other, reason: 'r' });
    await client.request('task.create', { title: 'Other too' });
    await client.request('task.block', { taskId: own, reason: 'r' });
    await receiver.until(() => receiver.state(own) === 'blocked');
    expect(new Set(receiver.frames.map(({ sessionId }) => sessionId))).toEqual(new Set([own]));
    const { ticket } = await guest.request('inspection.ticket', {});
    expect(await statusOf(service, `/inspect?taskId=${other}&ticket=${ticket}`)).toBe(403);
    await Promise.all([client.close(), guest.close()]);
  });

  test('takes so many inspectors and no more, until one goes', async () => {
    const { service, client } = await open({ limits: { maxInspectors: 2 } });
    const ws = new WebSocket(inspectUrl(service), { headers: bearer(service.token) });
    await once(ws, 'open');
    const raw = await opened(service, client);
    expect(await statusOf(service, '/inspect', bearer(service.token))).toBe(503);
    raw.destroy();
    await expect.poll(() => statusOf(service, '/inspect', bearer(service.token)), { timeout: 5_000 }).toBe(101);
    ws.terminate();
    await client.close();
  });
});

describe('the end', () => {
  test('a restart closes with 1012, and whoever comes back with a new ticket is told everything anew', async () => {
    const { service, client } = await open({ limits: { closeMs: 200 } });
    const { task } = await client.request('task.create', { title: 'Before' });
    const ws = new WebSocket(await ticketUrl(client, service));
    const [closed, shown] = [once(ws, 'close'), once(ws, 'message')];
    const mute = await opened(service, client);
    await shown;
    await client.request('system.restart', { dryRun: false });
    expect([(await closed)[0], await mute.closed()]).toEqual([1012, 1012]);
    mute.destroy();
    let again: Client | null = null;
    await expect.poll(async () => (again = await enter(service).catch(() => null)) !== null, { timeout: 10_000 }).toBe(true);
    const receiver = await inspect(again!, service);
    await receiver.until(() => receiver.frames.length === 1);
    expect(receiver.frames.map(({ sessionId }) => sessionId)).toEqual([task.id]);
    await again!.request('task.block', { taskId: task.id, reason: 'r' });
    await receiver.until(() => receiver.state(task.id) === 'blocked');
    await again!.close();
  });

  test('a revoked token closes with 4401, a dead peer with 4411', async () => {
    const { service, client } = await open({ limits: { heartbeatMs: 100, closeMs: 200 } });
    const guest = addToken(service.data, { name: 'guest', scopes: ['read'], projects: null, now: 0 });
    const ws = new WebSocket(inspectUrl(service), { headers: bearer(guest) });
    await once(ws, 'open');
    const dead = await opened(service, client);
    expect(await dead.closed()).toBe(4411);
    revokeToken(service.data, 'guest');
    expect((await once(ws, 'close'))[0]).toBe(4401);
    await client.close();
  });

  test('an idle inspector is sent pings and nothing else, and what it says is not listened to', async () => {
    const { service, client } = await open({ limits: { heartbeatMs: 30 } });
    await client.request('task.create', { title: 'Only' });
    const raw = await opened(service, client);
    const pings = () => raw.frames.filter(({ opcode }) => opcode === opcodes.ping).length;
    for (let answered = 0; answered < 10;) {
      await expect.poll(pings, { timeout: 5_000, interval: 5 }).toBeGreaterThan(answered);
      answered = pings();
      raw.write(opcodes.pong, '');
      raw.write(opcodes.text, JSON.stringify({ type: '@statelyai.connected', jsonrpc: '2.0', id: 1, method: 'system.ping' }));
      raw.write(opcodes.binary, 'x');
    }
    expect(raw.frames.filter(({ opcode }) => opcode !== opcodes.ping)).toHaveLength(1);
    await client.close();
  });

  test('is counted with the metrics', async () => {
    const { service, client } = await open();
    const receiver = await inspect(client, service);
    await client.request('task.create', { title: 'One' });
    await receiver.until(() => receiver.frames.some(isActor));
    const text = await (await fetch(service.url.replace(/^ws(.*)\/ws$/, 'http$1/metrics'), { headers: bearer(service.token) })).text();
    expect(text).toContain('\ntroupe_inspectors 1\n');
    await client.close();
  });
});
