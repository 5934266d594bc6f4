import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { methods } from '../../src/protocol/methods.ts';
import { addToken } from '../../src/transport/tokens.ts';
import { connect, RefusedError } from '../support/client.ts';
import { buildCommand } from '../support/command.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import { Pool, samples } from './fuzz/samples.ts';
import { exchange, requestText, serve, upgradeText } from './served.ts';
import type { Served } from './served.ts';

/** What must never be told: tokens and content to the log, the machine to clients. The log is at its most talkative. */

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const mark = 'MARKED-content-4f1d';
const stranger = 'troupe_MARKED-token-of-a-stranger';

/** Everything that was answered, as text. */
type Heard = (text: string) => void;

async function overWebSocket({ url, token, data }: Served, heard: Heard): Promise<void> {
  const client = await connect(url, token, { worker: 'w-1' });
  const call = async (method: string, params: unknown) =>
    heard(
      JSON.stringify(
        await client
          .call(method, params)
          .catch((error: unknown) => (error instanceof RefusedError ? { said: error.message, data: error.data } : error)),
      ),
    );
  const pool = new Pool(() => 0);
  const { task } = await client.request('task.create', {
    title: mark,
    description: mark,
    tags: [mark],
    context: { [mark]: mark },
    acceptance: [mark],
  });
  const executed = await client.request('task.execute', { taskId: task.id });
  pool.learn(JSON.stringify(executed));
  const marked = (sample: object): object =>
    JSON.parse(JSON.stringify(sample), (key, value: unknown) =>
      [
        'title',
        'description',
        'summary',
        'detailedWork',
        'note',
        'text',
        'reason',
        'question',
        'answer',
        'message',
        'feedback',
        'content',
        'name',
      ].includes(key) && typeof value === 'string'
        ? `${mark} ${value}`
        : value,
    ) as object;
  for (const method of Object.keys(methods)) {
    const { minPosition: _, ...sample } = samples[method as keyof typeof samples](pool, `s-${method}`) as Record<string, unknown>;
    // Right, with another type, with a member too many, with the content where an id should be, and with a token anywhere.
    await call(method, marked(sample));
    for (const [member, value] of Object.entries(sample))
      await call(method, { ...sample, [member]: typeof value === 'string' ? { [mark]: token } : `${mark}${token}` });
    await call(method, { ...sample, [mark]: mark, [token]: token, token, authorization: token });
  }
  await call(mark, {});
  await call(token.slice(0, 60), {});
  await call('session.hello', { token, worker: mark });
  for (const text of [
    mark,
    `{"${mark}":`,
    `["${mark}"]`,
    `{"jsonrpc":"2.0","id":"${mark}","method":"task.get","${mark}":"${token}"}`,
    `{"a":${'[['.repeat(40)}"${mark}"${']]'.repeat(40)}}`,
  ]) {
    const stray = Promise.race([client.stray(), client.call('system.ping', {})]);
    client.send(text);
    await stray;
  }
  const other = addToken(data, { name: 'guest', scopes: ['read'], projects: ['other'], now: 0 });
  const guest = await connect(url, other, { inHeader: true });
  for (const method of Object.keys(methods))
    heard(String(await guest.call(method, marked(samples[method as keyof typeof samples](pool, 'g'))).catch((error: unknown) => error)));
  await Promise.all([guest.close(), client.close()]);
  for (const wrong of [stranger, `${token}x`]) {
    heard(String(await connect(url, wrong).catch((error: unknown) => error)));
    heard(String(await connect(url, wrong, { inHeader: true }).catch((error: unknown) => error)));
  }
}

async function overFrames({ port, token }: Served, heard: Heard): Promise<void> {
  for (const [opcode, payload] of [
    [opcodes.binary, mark],
    [opcodes.text, Buffer.concat([Buffer.from(mark), Buffer.from([0xff])])],
    [3, mark],
    [opcodes.text, mark.repeat(20_000)],
    [opcodes.close, Buffer.concat([Buffer.from([3, 232]), Buffer.from(mark)])],
  ] as const) {
    const raw = await upgrade(port, { path: `/ws?token=${token}&ticket=${mark}`, protocols: `troupe.v1, ${token}` });
    heard(raw.head);
    raw.request(1, 'session.hello', { token });
    raw.write(opcode, payload);
    await raw.closed();
    heard(raw.frames.map((frame) => frame.payload.toString()).join('\n'));
    raw.destroy();
    const path = `/inspect?token=${token}&ticket=${mark}&rootId=${mark}`;
    for (const headers of [{}, { Authorization: `Bearer ${token}` }, { Host: 'evil.example' }]) {
      const inspecting = await upgrade(port, { path, protocols: token, headers });
      heard(inspecting.head);
      inspecting.destroy();
    }
  }
}

async function overHttp({ port, token, http }: Served, heard: Heard): Promise<void> {
  const host = `Host: 127.0.0.1:${port}`;
  const secrets = [`Authorization: Bearer ${token}`, `Cookie: ${mark}=${token}`, `X-Token: ${token}`, `Referer: http://x/?token=${token}`];
  for (const path of [
    `/healthz?token=${token}`,
    `/artifacts/${token}`,
    `/artifacts/${mark}`,
    `/${mark}?token=${token}`,
    `/token/${token}`,
  ]) {
    heard((await exchange(port, requestText(`GET ${path} HTTP/1.1`, host, 'Connection: close', ...secrets))).head);
    heard((await exchange(port, requestText(`GET ${path} HTTP/1.1`, 'Host: evil.example', 'Connection: close', ...secrets))).head);
    heard(
      (
        await exchange(
          port,
          requestText(`POST ${path} HTTP/1.1`, host, 'Connection: close', `Content-Length: ${mark.length}`, ...secrets) + mark,
        )
      ).head,
    );
    heard(await (await fetch(`${http}${path}`, { headers: { authorization: `Bearer ${stranger}` } })).text());
  }
  heard((await exchange(port, upgradeText(host, 'Origin: https://evil.example', ...secrets))).head);
  heard((await exchange(port, upgradeText(host, `Authorization: Bearer ${stranger}`))).head);
}

/** Drives requests of all kinds, stops, and tells what was logged and what was answered. */
async function driven(): Promise<{ readonly service: Served; readonly log: string; readonly answers: string }> {
  const service = await serve(command, { env: { TROUPE_LOG: 'trace' } });
  const answers: string[] = [];
  const heard: Heard = (text) => void answers.push(text);
  await overWebSocket(service, heard);
  await overFrames(service, heard);
  await overHttp(service, heard);
  service.running.child.kill('SIGTERM');
  expect(await service.running.exit).toEqual({ code: 0, signal: null });
  return { service, log: service.running.err(), answers: answers.join('\n') };
}

test('requests of all kinds leave no token and no content in the log, and tell nothing of the machine', async () => {
  const { service, log, answers } = await driven();
  // It was a log, and there were answers.
  expect(log.split('\n').length).toBeGreaterThan(100);
  expect(answers.length).toBeGreaterThan(10_000);
  const hash = createHash('sha256').update(service.token).digest('hex');
  for (const secret of [service.token, service.token.slice(0, 20), hash, mark, stranger])
    expect([secret, log.includes(secret)]).toEqual([secret, false]);
  for (const line of log.trimEnd().split('\n')) expect(typeof JSON.parse(line)).toBe('object');
  for (const told of [hash, service.data, process.cwd(), homedir(), 'node_modules', 'node:internal', '/dist/'])
    expect([told, answers.includes(told)]).toEqual([told, false]);
  expect(answers).not.toMatch(/\bat \S+ \(|\.[jt]s:\d+:\d+|ENOENT|EACCES|INTERNAL/);
  // What a request said in the wrong place may be named to whoever said it; what was not asked for may not.
  expect(answers).not.toContain(stranger);
});
