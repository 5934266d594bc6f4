import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aliases, methods } from '../../src/protocol/methods.ts';
import { addToken } from '../../src/transport/tokens.ts';
import { connect, RefusedError } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { start } from '../support/command.ts';
import { compile } from '../support/compile.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { Pool, samples } from './fuzz/samples.ts';
import { addressed, clientOf, serviceOfFile } from './served.ts';

/** What a token opens, and what no token opens. */

const service = serviceOfFile();

const rows = [
  ...Object.entries(methods).map(([method, { scope }]) => [method, scope, method] as const),
  ...Object.entries(aliases).map(([alias, method]) => [alias, methods[method].scope, method] as const),
];
/** Without a position to wait for. */
const sampleOf = (method: string, pool = new Pool(() => 0)): Record<string, unknown> => ({
  ...samples[method as keyof typeof samples](pool, `r-${method}`),
  minPosition: undefined,
});

/** `ok`, or why not. */
const outcome = async (client: Client, method: string, params: unknown): Promise<string> => {
  try {
    await client.call(method, params);
    return 'ok';
  } catch (error) {
    return error instanceof RefusedError ? error.reason : String(error);
  }
};

describe('scopes', () => {
  test.each(['read', 'write', 'admin'] as const)('%s opens its methods and no other', async (scope) => {
    const { data, url } = service();
    const client = await connect(url, addToken(data, { name: scope, scopes: [scope], projects: null, now: 0 }));
    for (const [name, needed, method] of rows) {
      const got = await outcome(client, name, sampleOf(method));
      expect([name, got === 'FORBIDDEN']).toEqual([name, needed !== scope]);
    }
    await client.close();
  });
});

describe('projects', () => {
  test('of the token are all that it reads and writes', async () => {
    const { data, url } = service();
    const owner = await clientOf(service());
    const secret = 'Marked: another project';
    const { task } = await owner.request('task.create', { title: secret, project: 'hidden' });
    const client = await connect(url, addToken(data, { name: 'guest', scopes: ['read', 'write', 'admin'], projects: ['own'], now: 0 }));
    await client.request('events.subscribe', {});
    expect(await outcome(client, 'events.subscribe', { filter: { rootId: task.id } })).toBe('FORBIDDEN');
    const pool = new Pool(() => 0);
    pool.learn(JSON.stringify({ task: { id: task.id } }));
    const answers: unknown[] = [];
    for (const [name, , method] of rows) {
      const params = sampleOf(method, pool);
      const answer: unknown = await client.call(name, params).catch((error: unknown) => error);
      answers.push(answer);
      // What addresses no task may be refused or not.
      const got = answer instanceof RefusedError ? answer.reason : 'ok';
      expect([name, got === 'FORBIDDEN' || !('taskId' in params)]).toEqual([name, true]);
    }
    await owner.request('task.note', { taskId: task.id, text: secret });
    await client.request('system.ping', {});
    expect(JSON.stringify([answers, client.notifications])).not.toContain(secret);
    expect((await owner.request('task.get', { taskId: task.id })).task).toMatchObject({ status: 'pending', rev: task.rev + 1 });
    await client.close();
  });
});

describe('no method', () => {
  test('starts a process, connects to an address, or opens a path outside of the data directory', async () => {
    const data = await temporaryDirectory();
    const running = start(await compile('test/security/watched-child.ts'), [data]);
    const client = await clientOf(await addressed(running, data));
    const { task } = await client.request('task.create', { title: 'One' });
    const pool = new Pool(() => 0);
    pool.learn(JSON.stringify(await client.request('task.execute', { taskId: task.id })));
    const paths = ['/etc/passwd', '../../../../etc/passwd', 'file:///etc/passwd', 'http://127.0.0.1:1/', '$(id)', '; touch /tmp/x', '| id'];
    for (const [name, , method] of rows) {
      const right = sampleOf(method, pool);
      const texts = Object.keys(right).filter((member) => typeof right[member] === 'string');
      for (const path of paths) {
        // Every text of the request becomes a path, all together and each by itself.
        const all = JSON.parse(JSON.stringify(right), (_, value: unknown) => (typeof value === 'string' ? path : value)) as object;
        const wrong = [right, all, ...texts.map((member) => ({ ...right, [member]: path }))];
        const outcomes = await Promise.all(wrong.map((params) => outcome(client, name, params)));
        expect([name, outcomes]).not.toEqual([name, expect.arrayContaining([expect.stringMatching(/INTERNAL|TOO_MANY_IN_FLIGHT|closed/)])]);
      }
    }
    const reached = () =>
      running
        .out()
        .split('\n')
        .filter((line) => line.startsWith('reached'));
    expect([reached(), running.err()]).toEqual([[], '']);
  });

  test('has anything at hand that starts a process or fetches an address', async () => {
    // The command line starts the service, and the page runs in a browser; no method reaches either.
    const files = (await readdir('src', { recursive: true })).filter((name) => name.endsWith('.ts') && !/^(cli|dashboard)\//.test(name));
    expect(files.length).toBeGreaterThan(100);
    for (const name of files)
      expect([
        name,
        /child_process|node:(?:vm|worker_threads|dgram|dns|inspector|cluster)|\beval\(|new Function|(?<!\.)\bfetch\(/.exec(
          await readFile(join('src', name), 'utf8'),
        ),
      ]).toEqual([name, null]);
  });
});

test('`ws` is one without the holes below 8.21', async () => {
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { dependencies: Record<string, string> };
  const [, major, minor] = /^\^(\d+)\.(\d+)/.exec(manifest.dependencies['ws'] ?? '') ?? [];
  expect([Number(major), Number(minor) >= 21]).toEqual([8, true]);
  const installed = JSON.parse(await readFile('node_modules/ws/package.json', 'utf8')) as { version: string };
  expect(Number(installed.version.split('.')[1])).toBeGreaterThanOrEqual(21);
});
