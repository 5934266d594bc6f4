import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { connect } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { buildCommand, start } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { upgrade } from '../support/raw-socket.ts';

let command: string;
beforeAll(async () => {
  command = await buildCommand();
});

const line = z.looseObject({ level: z.number(), time: z.iso.datetime(), msg: z.string() });
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => line.parse(JSON.parse(row)));

/** Comes in every text that the test sends. */
const mark = 'xyzzy';

/** Each refused for a reason of its own, with content in its parameters. */
const refused: readonly (readonly [method: string, params: unknown, counted: string, reason: string])[] = [
  ['task.create', { title: `${mark} ${'x'.repeat(1_000)}` }, 'task.create', 'INVALID_PARAMS'],
  ['task.create', { title: mark, [`key-${mark}`]: mark }, 'task.create', 'INVALID_PARAMS'],
  ['task.create', JSON.parse(`{"title":"${mark}","context":{"__proto__":"${mark}"}}`), '', 'INVALID_PARAMS'],
  ['plan', { title: mark, tasks: [{ title: mark, dependsOn: [mark] }] }, 'task.plan', 'INVALID_PARAMS'],
  ['task.get', { taskId: 't_00000000000000000000000000' }, 'task.get', 'TASK_NOT_FOUND'],
  ['artifact.begin', { name: mark, type: 'other', mediaType: mark, sha256: mark }, 'artifact.begin', 'INVALID_PARAMS'],
  ['specialist.get', { key: mark }, 'specialist.get', 'SPECIALIST_NOT_FOUND'],
  ['task.claim', { filter: { tags: [mark] } }, 'task.claim', 'NOTHING_READY'],
  [`method.${mark}`, { content: mark }, 'unknown', 'METHOD_NOT_FOUND'],
];

async function reasonOf(client: Client, method: string, params: unknown): Promise<unknown> {
  return await client.call(method, params).then(
    () => 'ok',
    (error: { reason?: unknown }) => error.reason,
  );
}

describe('the log of a service', () => {
  test('has a line for each refusal and each slow command, and no content or secret in any', async () => {
    const service = start(command, ['serve', '--port', '0', '--data', await temporaryDirectory(), '--json'], {
      env: { TROUPE_LOG: 'debug' },
    });
    const { url, http, tokenFile } = z
      .object({ url: z.string(), http: z.string(), tokenFile: z.string() })
      .parse(JSON.parse(await service.firstLine));
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const client = await connect(url, token, { worker: `worker-${mark}` });
    // Reads wait five seconds for a position that never comes.
    const slow = reasonOf(client, 'task.list', { minPosition: mark });
    for (const [method, params, , reason] of refused) expect([method, await reasonOf(client, method, params)]).toEqual([method, reason]);
    const { task } = await client.request('task.create', { title: mark, description: mark });
    await client.request('task.execute', { taskId: task.id });
    const work = { taskId: task.id, summary: mark, detailedWork: mark.repeat(100) };
    expect(await reasonOf(client, 'task.complete', { ...work, lease: `l_${'0'.repeat(26)}` })).toBe('STALE_LEASE');
    await client.request('task.complete', work);
    expect(await reasonOf(client, 'complete', work)).toBe('INVALID_TRANSITION');
    const later = [
      ['task.complete', 'STALE_LEASE'],
      ['task.complete', 'INVALID_TRANSITION'],
    ];
    await expect(connect(url, `${token}${mark}`)).rejects.toThrow('UNAUTHENTICATED');
    client.send(`{"jsonrpc":"2.0","id":1,"method":"${mark}"`);
    await client.stray();
    const stranger = await upgrade(Number(new URL(http).port), { headers: { Authorization: `Bearer ${mark}` } });
    expect(stranger.status).toBe(401);
    stranger.destroy();
    expect((await fetch(`${http}/metrics?token=${token}`)).status).toBe(401);
    expect((await fetch(`${http}/artifacts/${mark}`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(404);
    expect(await slow).toBe('NOT_YET_VISIBLE');
    service.child.kill('SIGTERM');
    expect(await service.exit).toMatchObject({ code: 0 });

    const lines = linesOf(service.err());
    const told = lines.filter(({ msg, method }) => msg === 'refused' && method !== undefined);
    expect(told.map(({ method, reason }) => [method, reason])).toEqual([
      ...refused.filter(([, , counted]) => counted !== '').map(([, , counted, reason]) => [counted, reason]),
      ...later,
    ]);
    for (const { level, time, ms, by, method, reason, ...rest } of told) {
      expect([level, typeof time, typeof ms, by, typeof method, typeof reason]).toEqual([
        30,
        'string',
        'number',
        'default',
        'string',
        'string',
      ]);
      expect(rest).toEqual({ msg: 'refused' });
    }
    const ofHttp = lines.filter(({ msg, status }) => msg === 'refused' && status !== undefined);
    expect(ofHttp.map(({ status, reason }) => [status, reason])).toEqual([
      [401, undefined],
      [401, 'UNAUTHENTICATED'],
      [404, 'ARTIFACT_NOT_FOUND'],
    ]);
    const early = lines.filter(({ msg, method, status }) => msg === 'refused' && method === undefined && status === undefined);
    expect(early.map(({ by, reason }) => [by, reason])).toEqual([
      ['default', 'INVALID_PARAMS'],
      [null, 'UNAUTHENTICATED'],
      ['default', 'PARSE_ERROR'],
    ]);
    expect(lines.filter(({ msg }) => msg === 'slow')).toEqual([
      {
        level: 40,
        time: expect.any(String),
        method: 'task.list',
        ms: expect.any(Number),
        by: 'default',
        reason: 'NOT_YET_VISIBLE',
        msg: 'slow',
      },
    ]);
    expect(lines.filter(({ msg }) => msg === 'done').map(({ method }) => method)).toEqual(['task.create', 'task.execute', 'task.complete']);
    // The name of a worker tells whose connection was closed; nothing else of what was sent is there.
    const written = `${service.err()}${service.out()}`.replaceAll(`worker-${mark}`, '');
    expect(written).not.toContain(mark);
    expect(written).not.toContain(token);
    expect(written).not.toContain(token.slice(-20));
  });
});
