import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { connect } from '../support/client.ts';
import { buildCommand, start } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { upgrade } from '../support/raw-socket.ts';
import { filesOf, temporaryDirectory } from '../support/data-directory.ts';

let command: string;
beforeAll(async () => {
  command = await buildCommand();
});

const address = z.strictObject({ troupe: z.literal(1), url: z.string(), http: z.string(), tokenFile: z.string() });

const troupe = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => start(command, args, { env });
const serve = (data: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
  troupe(['serve', '--port', '0', '--data', data, '--json', ...args], env);
const ended = async (running: Running) => {
  const { code, signal } = await running.exit;
  return { code, signal, out: running.out(), err: running.err() };
};
/** Logs are JSON; what is left is for people. */
const said = (err: string) => err.split('\n').filter((line) => line !== '' && !line.startsWith('{'));

const open = async (running: Running) => {
  const { url, http, tokenFile } = address.parse(JSON.parse(await running.firstLine));
  return { url, http, tokenFile, token: (await readFile(tokenFile, 'utf8')).trim() };
};

/** The first group of the first match in what comes. */
function firstMatch(stream: Readable, pattern: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const found = pattern.exec(text)?.[1];
      if (found !== undefined && /\n/.test(text.slice(text.indexOf(found)))) resolve(found);
    });
    stream.on('end', () => reject(new Error(`ended before ${String(pattern)}: ${text}`)));
  });
}

describe('troupe serve', () => {
  test('tells its addresses as the first line, serves, and ends with 0 when told to', async () => {
    const data = join(await temporaryDirectory(), '.troupe');
    const service = serve(data);
    const { url, http, tokenFile, token } = await open(service);
    expect([url, tokenFile]).toEqual([`${http.replace('http', 'ws')}/ws`, join(data, 'token')]);
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
    const client = await connect(url, token, { worker: 'w-1' });
    const { task } = await client.request('task.create', { title: 'Written before the end', commandId: 'c-1' });
    expect(await (await fetch(`${http}/readyz`)).json()).toEqual({ ready: true });
    service.child.kill('SIGTERM');
    expect((await client.closed).code).toBe(1012);
    expect(await ended(service)).toMatchObject({ code: 0, out: expect.stringMatching(/^[^\n]+\n$/) });

    const again = serve(data);
    const reopened = await open(again);
    expect(reopened.token).toBe(token);
    const reader = await connect(reopened.url, token);
    expect((await reader.request('task.get', { taskId: task.id })).task.title).toBe('Written before the end');
    await reader.close();
  });

  test.skipIf(process.platform !== 'linux')(
    'prints the link to the page with the token on a terminal, and without it anywhere else',
    async () => {
      const data = await temporaryDirectory();
      // `script` gives the command a terminal of its own.
      const line = [process.execPath, command, 'serve', '--port', '0', '--data', data].join(' ');
      const person = spawn('script', ['-qec', line, '/dev/null'], { stdio: ['ignore', 'pipe', 'ignore'] });
      const told = await firstMatch(person.stdout, /Page +(\S+)/);
      const token = (await readFile(join(data, 'token'), 'utf8')).trim();
      expect(told).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=/);
      expect(told.endsWith(`#token=${token}`)).toBe(true);
      person.kill('SIGTERM');
      await once(person, 'exit');

      const log = troupe(['serve', '--port', '0', '--data', data]);
      await log.firstLine;
      await expect.poll(log.out).toMatch(/Page +http:\/\/127\.0\.0\.1:\d+\/\n/);
      expect(log.out() + log.err()).not.toContain(token);
      log.child.kill('SIGTERM');
      await log.exit;
    },
  );

  test('speaks to people without --json, and finds the data directory without --data', async () => {
    const project = await temporaryDirectory();
    await mkdir(join(project, '.troupe'));
    const service = start(command, ['serve', '--port', '0'], { cwd: project });
    expect(await service.firstLine).toMatch(/^Troupe runs at http:\/\/127\.0\.0\.1:\d+$/);
    service.child.kill('SIGINT');
    expect((await ended(service)).code).toBe(0);
    expect(service.out()).toContain(join(project, '.troupe', 'token'));
    expect(service.out()).toContain(`${join(project, '.troupe')} (in the working directory)`);
  });

  test('logs JSON on standard error, with the time of each use case, and never a token', async () => {
    const service = serve(await temporaryDirectory(), [], { TROUPE_LOG: 'debug' });
    const { url, token } = await open(service);
    const client = await connect(url, token);
    await client.request('task.create', { title: 'Timed' });
    await client.close();
    await expect(connect(url, `${token}x`)).rejects.toThrow('UNAUTHENTICATED');
    service.child.kill('SIGTERM');
    const { err, out } = await ended(service);
    const lines = err
      .trimEnd()
      .split('\n')
      .map((line) => z.looseObject({ level: z.number(), time: z.string() }).parse(JSON.parse(line)));
    expect(lines).toContainEqual(expect.objectContaining({ method: 'task.create', ms: expect.any(Number) }));
    expect(`${err}${out}`).not.toContain(token);
  });

  test('takes no more connections than its limit of open files leaves room for', async () => {
    const service = start(command, ['serve', '--port', '0', '--data', await temporaryDirectory(), '--json'], { openFiles: 140 });
    const { url, token } = await open(service);
    const clients = [];
    for (let n = 0; n < 12; n += 1) clients.push(await connect(url, token));
    await expect(connect(url, token)).rejects.toThrow('503');
    await expect(clients[11]?.request('task.create', { title: 'The last one works' })).resolves.toBeDefined();
    expect(service.err()).toContain('"maxConnections":12');
  });

  test('ends by itself when it has been idle', async () => {
    const service = serve(await temporaryDirectory(), ['--idle-exit', '10ms']);
    expect((await ended(service)).code).toBe(0);
  });

  test('ends at once with a second signal', async () => {
    const service = serve(await temporaryDirectory());
    const { http } = await open(service);
    // A peer that reads nothing keeps the drain waiting.
    const mute = await upgrade(Number(new URL(http).port));
    mute.socket.pause();
    service.child.kill('SIGTERM');
    await expect.poll(service.err, { timeout: 5_000 }).toContain('stopping');
    service.child.kill('SIGINT');
    expect(await ended(service)).toMatchObject({ code: 130 });
    mute.destroy();
  });

  test('dies at the fail point that it is given', async () => {
    const data = await temporaryDirectory();
    const service = serve(data, [], { TROUPE_FAIL_POINT: 'synced:2' });
    const { url, token } = await open(service);
    const client = await connect(url, token);
    const create = (title: string) => client.request('task.create', { title }).catch(() => null);
    while ((await create('One more')) !== null);
    expect((await ended(service)).signal).toBe('SIGKILL');
    expect((await ended(serve(data, [], { TROUPE_FAIL_POINT: 'nonsense' }))).code).toBe(2);
  });
});

describe('a start that fails', () => {
  test('for a port in use says so in one line and touches no disk', async () => {
    const parent = await temporaryDirectory();
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const at = taken.address();
        resolve(typeof at === 'object' && at !== null ? at.port : 0);
      });
    });
    const { code, out, err } = await ended(troupe(['serve', '--port', String(port), '--data', join(parent, '.troupe'), '--json']));
    taken.close();
    expect([code, out, said(err)]).toEqual([1, '', [expect.stringContaining(`port ${port} on 127.0.0.1 is in use`)]]);
    expect(await filesOf(parent)).toEqual({});
  });

  test('for a locked directory names its owner, with a code of its own', async () => {
    const data = await temporaryDirectory();
    const owner = serve(data);
    const { http } = await open(owner);
    const before = await filesOf(data);
    const { code, out, err } = await ended(serve(data));
    expect([code, out, said(err)]).toEqual([5, '', [expect.stringContaining(`process ${owner.child.pid}, which listens on ${http}`)]]);
    expect(await filesOf(data)).toEqual(before);
  });

  test('for a corrupt journal names the file and changes nothing', async () => {
    const data = await temporaryDirectory();
    const first = serve(data);
    const { url, token } = await open(first);
    const client = await connect(url, token);
    for (let task = 0; task < 3; task += 1) await client.request('task.create', { title: `Task ${task}` });
    first.child.kill('SIGKILL');
    await first.exit;
    await rm(join(data, 'owner.json'), { force: true });
    const journal = Object.keys(await filesOf(data)).find((name) => name.startsWith('journal.')) ?? '';
    const bytes = await readFile(join(data, journal));
    // In the middle of the second of at least three lines.
    const line = bytes.indexOf('\n') + 1;
    bytes[line + 40] = (bytes[line + 40] ?? 0) ^ 1;
    await writeFile(join(data, journal), bytes);
    const before = await filesOf(data);
    const { code, out, err } = await ended(serve(data));
    expect([code, out, said(err)]).toEqual([1, '', [expect.stringContaining(journal)]]);
    expect(await filesOf(data)).toEqual(before);
  });

  test('for an address that others can reach without TLS says what to give', async () => {
    const parent = await temporaryDirectory();
    const { code, err } = await ended(serve(join(parent, '.troupe'), ['--host', '0.0.0.0']));
    expect([code, said(err)]).toEqual([2, [expect.stringContaining('--insecure')]]);
    expect(await filesOf(parent)).toEqual({});
  });

  test.each([
    ['an unknown option', ['serve', '--colour']],
    ['an unknown command', ['dance']],
    ['no port', ['serve', '--port', '70000']],
    ['no time', ['serve', '--idle-exit', '10 minutes']],
    ['an origin with a path', ['serve', '--allow-origin', 'https://board.example/x']],
    ['a certificate without key', ['serve', '--port', '0', '--tls-cert', 'cert.pem']],
    ['a missing argument', ['token', 'add']],
    ['a wrong scope', ['token', 'add', 'ci', '--scope', 'all', '--data', '.']],
    ['an unknown format', ['diagram', '--format', 'png']],
  ])('for %s ends with 2', async (_, args) => {
    const { code, out, err } = await ended(start(command, args, { cwd: await temporaryDirectory() }));
    expect([code, out]).toEqual([2, '']);
    expect(said(err)).not.toEqual([]);
  });
});

describe('troupe diagram', () => {
  test('prints each format, and needs neither a service nor a data directory', async () => {
    const cwd = await temporaryDirectory();
    const printed = async (...args: string[]) => {
      const { code, out, err } = await ended(start(command, ['diagram', ...args], { cwd }));
      expect([args, code, err]).toEqual([args, 0, '']);
      return out;
    };
    const mermaid = await printed();
    expect(mermaid).toMatch(/^stateDiagram-v2\n {4}\[\*\] --> pending\n/);
    expect(await printed('task', '--format', 'svg')).toBe(await readFile('docs/machines/task.svg', 'utf8'));
    const session = JSON.parse(await printed('session', '--format', 'json'));
    expect(session).toMatchObject({ id: 'session', initial: 'active', layout: { machine: 'session', states: expect.any(Array) } });
    expect(await printed('session', '--format', 'xstate')).toMatch(/^import \{ and, setup \} from 'xstate';\n/);
    expect(await readdir(cwd)).toEqual([]);
  });

  test('a machine that is not there is told with those that are', async () => {
    const { err } = await ended(start(command, ['diagram', 'washing']));
    expect(said(err)).toEqual(['troupe: there is no machine washing: name one of these: task, session']);
  });
});

describe('troupe token', () => {
  test('makes, lists and revokes while the service runs', async () => {
    const data = await temporaryDirectory();
    const { url } = await open(serve(data));
    const added = await ended(troupe(['token', 'add', 'ci', '--scope', 'read', '--project', 'web', '--data', data]));
    expect(added.code).toBe(0);
    const token = added.out.trim();
    const client = await connect(url, token);
    expect(client.hello).toMatchObject({ scopes: ['read'], projects: ['web'] });
    await expect(client.request('task.create', { title: 'No' })).rejects.toMatchObject({ reason: 'FORBIDDEN' });
    await client.close();

    const listed = await ended(troupe(['token', 'list', '--json', '--data', data]));
    expect(JSON.parse(listed.out)).toMatchObject({
      troupe: 1,
      tokens: [{ name: 'default' }, { name: 'ci', scopes: ['read'], projects: ['web'] }],
    });
    expect(listed.out).not.toContain('hash');

    expect((await ended(troupe(['token', 'revoke', 'ci', '--data', data]))).code).toBe(0);
    await expect(connect(url, token)).rejects.toThrow('UNAUTHENTICATED');
    expect((await ended(troupe(['token', 'revoke', 'ci', '--data', data]))).code).toBe(3);
  });

  test('needs a data directory', async () => {
    const { code, err } = await ended(troupe(['token', 'list', '--data', join(await temporaryDirectory(), 'nowhere')]));
    expect([code, said(err)]).toEqual([3, [expect.stringContaining('there is no data directory')]]);
  });
});
