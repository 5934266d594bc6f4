import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { isAlive, ownedDirectory } from '../client/owned.ts';
import { buildCommand, start } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { answer, eras, overHttp, overStdio, refusal, revisions, serveMcp, textAt } from './connect.ts';

/** `troupe mcp` as a process: what it writes, how it begins and ends, and who holds its leases. */

let command: string;
beforeAll(async () => {
  command = await buildCommand();
});

const message = z.union([
  z.strictObject({ jsonrpc: z.literal('2.0'), id: z.union([z.int(), z.string()]), result: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    jsonrpc: z.literal('2.0'),
    id: z.union([z.int(), z.string()]).optional(),
    error: z.looseObject({ code: z.int(), message: z.string() }),
  }),
  z.strictObject({ jsonrpc: z.literal('2.0'), method: z.string(), params: z.record(z.string(), z.unknown()).optional() }),
]);

/** Every line of what was written; throws at one that is not JSON-RPC. */
const messagesOf = (out: string): z.output<typeof message>[] => {
  expect(out === '' || out.endsWith('\n')).toBe(true);
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => message.parse(JSON.parse(line)));
};

/** A client that looks at every byte, of the 2025 era. */
interface Raw extends Running {
  ask(id: number, method: string, params?: object): Promise<Record<string, unknown>>;
  tell(line: string): void;
}

async function raw(data: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Raw> {
  const running = start(command, ['mcp', '--data', data, ...args], { env });
  const tell = (line: string): void => void running.child.stdin.write(`${line}\n`);
  const ask: Raw['ask'] = async (id, method, params = {}) => {
    tell(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const answers = () =>
      messagesOf(running.out().slice(0, running.out().lastIndexOf('\n') + 1)).filter((one) => 'id' in one && one.id === id);
    await expect.poll(answers, { timeout: 20_000 }).toHaveLength(1);
    const [first] = answers();
    return first ?? {};
  };
  const clientInfo = { name: 'raw', version: '1.0.0' };
  await ask(1, 'initialize', { protocolVersion: revisions.legacy, capabilities: {}, clientInfo });
  tell(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
  return { ...running, ask, tell };
}

const call = (name: string, args: object = {}) => ({ name, arguments: args });

/** Ends its input and waits for the end of the process, which nothing else brings about. */
async function ended({ child, exit }: Running) {
  child.stdin.end();
  return exit;
}

describe('standard output', () => {
  test('carries nothing but JSON-RPC, whatever is asked, however much is logged', async () => {
    const owned = await ownedDirectory();
    const client = await raw(owned.data, ['--toolset', 'all'], { TROUPE_LOG: 'debug' });
    await client.ask(2, 'tools/list');
    await client.ask(3, 'tools/call', call('orchestrator_plan_task', { title: 'A line\nand another', description: '' }));
    await client.ask(4, 'tools/call', call('orchestrator_plan_task', { title: 7 }));
    await client.ask(5, 'tools/call', call('orchestrator_no_such_tool'));
    await client.ask(6, 'resources/list');
    await client.ask(7, 'resources/read', { uri: 'troupe://nothing' });
    await client.ask(8, 'no/such/method');
    client.tell('this is not JSON');
    client.tell('{"jsonrpc":"2.0","id":9');
    client.tell('');
    await client.ask(10, 'prompts/list');
    await owned.kill();
    await client.ask(11, 'tools/call', call('orchestrator_get_status'));
    expect(await ended(client)).toEqual({ code: 0, signal: null });
    expect(messagesOf(client.out()).length).toBeGreaterThanOrEqual(10);
    // The logs are there, on the other side.
    expect(client.err()).toContain(owned.data);
  });

  test('is empty when the arguments are wrong, which exit code 2 and a line of standard error tell', async () => {
    const wrong: readonly (readonly [readonly string[], NodeJS.ProcessEnv, string])[] = [
      [['--toolset', 'some'], {}, 'core, all'],
      [['--nonsense'], {}, '--nonsense'],
      [['--worker', 'two words'], {}, 'two words'],
      [[], { TROUPE_WORKER: 'two words' }, 'TROUPE_WORKER'],
    ];
    for (const [args, env, said] of wrong) {
      const running = start(command, ['mcp', '--data', await temporaryDirectory(), ...args], { env });
      expect(await running.exit).toEqual({ code: 2, signal: null });
      expect(running.out()).toBe('');
      expect(running.err()).toContain(said);
    }
  });
});

test('a directory that no service can use: every call says why, the process lives on, and works once it is repaired', async () => {
  const owned = await ownedDirectory();
  await mkdir(owned.data, { recursive: true });
  const broken = join(owned.data, 'db.json');
  await writeFile(broken, '{ "format": 99 }');
  const client = await raw(owned.data, [], { TROUPE_LOG: 'debug' });
  for (const id of [2, 3]) {
    const { result } = await client.ask(id, 'tools/call', call('orchestrator_get_status'));
    const text = JSON.stringify(result);
    expect(result).toMatchObject({ isError: true });
    expect(text).toContain('START_FAILED');
    expect(text).toContain('db.json');
  }
  await rm(broken);
  expect((await client.ask(4, 'tools/call', call('orchestrator_get_status')))['result']).not.toHaveProperty('isError');
  expect(await ended(client)).toEqual({ code: 0, signal: null });
  messagesOf(client.out());
});

describe('the process', () => {
  test('starts no service until something is asked of it, and leaves nothing but the service, which ends by itself', async () => {
    const owned = await ownedDirectory();
    const client = await overStdio(command, owned.data);
    await client.listTools();
    expect(await owned.pid()).toBeNull();
    await answer(client, 'orchestrator_get_status');
    const owner = (await owned.pid()) ?? 0;
    await client.close();
    expect(isAlive(owner)).toBe(true);
    const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(owner)]);
    expect(stdout).toContain('serve --port 0 --idle-exit 10m');
    // Nobody else works on the directory.
    const all = (await promisify(execFile)('ps', ['-A', '-o', 'pid=,args='])).stdout
      .split('\n')
      .filter((line) => line.includes(owned.data));
    expect(all.map((line) => Number.parseInt(line, 10))).toEqual([owner]);
  });

  test('lets go of a service when its input ends, so that the idle exit ends that', async () => {
    const { data } = await ownedDirectory();
    const service = start(command, ['serve', '--port', '0', '--json', '--data', data, '--idle-exit', '1500ms']);
    await service.firstLine;
    const client = await raw(data);
    await client.ask(2, 'tools/call', call('orchestrator_get_status'));
    expect(await ended(client)).toEqual({ code: 0, signal: null });
    expect(await service.exit).toEqual({ code: 0, signal: null });
  });

  test('ends with its input while a call waits, and while it looks for a service', async () => {
    const owned = await ownedDirectory();
    const waiting = await raw(owned.data);
    await waiting.ask(2, 'tools/call', call('orchestrator_get_status'));
    waiting.tell(
      JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: call('orchestrator_claim_task', { wait_ms: 60_000 }) }),
    );
    expect(await ended(waiting)).toEqual({ code: 0, signal: null });
    const looking = await raw((await ownedDirectory()).data);
    looking.tell(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: call('orchestrator_get_status') }));
    expect(await ended(looking)).toEqual({ code: 0, signal: null });
  });
});

test.each(eras)('a %s client that has asked for changes as the first thing hears of the next one', async (era) => {
  const serving = await serveMcp();
  const writer = await overHttp(serving);
  const id = textAt(await answer(writer, 'orchestrator_plan_task', { title: 'Watched', description: '' }), 'task_id');
  const client = await overStdio(command, serving.data, { era });
  const uri = `troupe://tasks/${id}`;
  const heard = new Promise<string>((resolve) => {
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => resolve(params.uri));
  });
  if (era === 'legacy') await client.subscribeResource({ uri });
  else await client.listen({ resourceSubscriptions: [uri] });
  await answer(writer, 'orchestrator_add_note', { task_id: id, text: 'news' });
  expect(await heard).toBe(uri);
});

describe('the holder of a lease', () => {
  const completion = (id: string) => ({ task_id: id, summary: 'Done', detailed_work: 'All of it', next_action: 'complete' });

  test('is the process by --worker, TROUPE_WORKER or a name of its own, or the worker that a call names', async () => {
    const serving = await serveMcp();
    const [given, named, own] = await Promise.all([
      overStdio(command, serving.data, { args: ['--worker', 'given'], env: { TROUPE_WORKER: 'named' } }),
      overStdio(command, serving.data, { env: { TROUPE_WORKER: 'named' } }),
      overStdio(command, serving.data),
    ]);
    const cases = [
      [given, named],
      [named, own],
      [own, given],
    ] as const;
    for (const [holder, other] of cases) {
      const id = textAt(await answer(holder, 'orchestrator_plan_task', { title: 'Mine', description: '' }), 'task_id');
      await answer(holder, 'orchestrator_execute_task', { task_id: id });
      expect(await refusal(other, 'orchestrator_complete_task', completion(id))).toMatchObject({ reason: 'STALE_LEASE' });
      expect(await answer(holder, 'orchestrator_complete_task', completion(id))).toMatchObject({ task_status: 'completed' });
    }
    const id = textAt(await answer(own, 'orchestrator_plan_task', { title: 'By argument', description: '' }), 'task_id');
    await answer(own, 'orchestrator_execute_task', { task_id: id, worker: 'given' });
    expect(await refusal(own, 'orchestrator_complete_task', completion(id))).toMatchObject({ reason: 'STALE_LEASE' });
    expect(await refusal(own, 'orchestrator_complete_task', { ...completion(id), worker: 'named' })).toMatchObject({
      reason: 'STALE_LEASE',
    });
    // The same name is the same worker, whichever process it comes from.
    expect(await answer(given, 'orchestrator_complete_task', completion(id))).toMatchObject({ task_status: 'completed' });
  });

  test('is nobody over HTTP without worker: there the lease_id shows it', async () => {
    const client = await overHttp(await serveMcp());
    const id = textAt(await answer(client, 'orchestrator_plan_task', { title: 'By id', description: '' }), 'task_id');
    const lease = textAt(await answer(client, 'orchestrator_execute_task', { task_id: id }), 'lease_id');
    const refused = await refusal(client, 'orchestrator_complete_task', completion(id));
    expect(refused).toMatchObject({ reason: 'INVALID_PARAMS', message: 'lease_id: is missing' });
    await answer(client, 'orchestrator_complete_task', { ...completion(id), lease_id: lease });
  });
});
