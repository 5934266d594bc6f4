import { existsSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { buildCommand, start } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { startTroupe } from '../stream/service.ts';
import type { InProcess } from '../stream/service.ts';
import { enter } from './receiver.ts';
import type { Frame } from './receiver.ts';

/** `troupe inspect`, as it is built, with a browser and an inspector of ours in place of Stately's. */

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

/** What an inspector does at first: it says that it is there. */
const inspectorPage = `<!doctype html><title>inspector</title><script>
window.frames_ = [];
addEventListener('message', ({ data, origin }) => frames_.push({ data, origin }));
opener.postMessage({ type: '@statelyai.connected' }, '*');
</script>`;

/** Serves it on a port of its own; answers its address and what was asked of it. */
async function inspector(): Promise<{ url: string; referers: (string | undefined)[] }> {
  const referers: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    referers.push(headers.referer);
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(inspectorPage);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/inspect`, referers };
}

function run(service: Pick<InProcess, 'data'>, ...args: readonly string[]): Running {
  return start(command, ['inspect', '--data', service.data, ...args]);
}

/** The address of the page, as soon as it was told. */
async function pageOf(running: Running): Promise<string> {
  await expect.poll(() => running.out(), { timeout: 10_000 }).toMatch(/Page {2}\S+\n/);
  return /Page {2}(\S+)/.exec(running.out())?.[1] ?? '';
}

const statusOf = (url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });

describe('troupe inspect', () => {
  test('says what leaves the machine, serves whoever knows the path and comes by the right name, and ends with Ctrl+C', async () => {
    const service = await startTroupe();
    const running = run(service);
    const url = await pageOf(running);
    const before = running.out().slice(0, running.out().indexOf('Page '));
    expect(before).toMatch(/EXPERIMENTAL[\s\S]*Nothing leaves this machine[\s\S]*https:\/\/stately\.ai\/inspect[\s\S]*Titles, ids/);
    const { host, origin } = new URL(url);
    expect(await statusOf(url)).toBe(200);
    expect(await statusOf(`${origin}/`)).toBe(404);
    expect(await statusOf(`${origin}/frames`)).toBe(404);
    expect(await statusOf(url, { Host: 'evil.example' })).toBe(403);
    expect(await statusOf(`${url}frames`, { Host: host, Origin: 'https://evil.example' })).toBe(403);
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const text = (await page.text()) + (await (await fetch(`${url}bridge.js`)).text());
    expect(text).not.toContain(service.token);
    expect(text).toContain('Nothing leaves this machine');
    running.child.kill('SIGINT');
    expect(await running.exit).toEqual({ code: 0, signal: null });
    expect(running.err()).toBe('');
  });

  test('prints one address for another receiver, which opens once', async () => {
    const service = await startTroupe();
    const client = await enter(service);
    const { task } = await client.request('task.create', { title: 'Tea' });
    const running = run(service, '--url', '--task', task.id);
    expect(await running.exit).toEqual({ code: 0, signal: null });
    const url = running.out().trim();
    const opens = () =>
      new Promise<unknown>((resolve) => {
        const ws = new WebSocket(url);
        ws.on('message', (data: Buffer) => {
          resolve((JSON.parse(data.toString()) as Frame).sessionId);
          ws.terminate();
        });
        ws.on('error', (error) => resolve(error.message));
      });
    expect(await opens()).toBe(task.id);
    expect(await opens()).toContain('401');
    await client.close();
  });

  test('refuses what is no id, what there is not, and a directory that there is not', async () => {
    const service = await startTroupe();
    const cases = [
      [run(service, '--plan', 'tea'), 2, 'is no id of a task'],
      [run(service, '--plan', `t_${'0'.repeat(26)}`), 3, 'there is no task'],
      [run(service, '--inspector', 'file:///x'), 2, 'an inspector is a page'],
      [run(service, '--plan', 'a', '--task', 'b'), 2, 'cannot be used with'],
      [run({ data: `${await temporaryDirectory()}/none` }), 3, 'there is no data directory'],
    ] as const;
    for (const [running, code, words] of cases) {
      expect(await running.exit).toEqual({ code, signal: null });
      expect(running.err()).toContain(words);
    }
  });
});

const program = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const missing = existsSync(program) ? '' : ` (skipped: there is no ${program})`;

describe.skipIf(missing !== '')(`the page in a browser${missing}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  async function visit(url: string): Promise<Page> {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  const framesOf = (window: Page): Promise<{ data: Frame; origin: string }[]> =>
    window.evaluate<{ data: Frame; origin: string }[]>('window.frames_');

  test('sends nothing before the button is pressed, then everything, and anew when the inspector is loaded again', async () => {
    const service = await startTroupe();
    const client = await enter(service);
    const [one, two] = [await client.request('task.create', { title: 'Tea' }), await client.request('task.create', { title: '<b>Cake' })];
    const stately = await inspector();
    const url = await pageOf(run(service, '--inspector', stately.url));
    const page = await visit(url);
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    expect(await page.locator('main').innerText()).toContain('Nothing leaves this machine before you press the button');
    expect(await page.locator('#status').innerText()).toBe('Nothing has been sent.');
    await client.request('task.note', { taskId: one.task.id, text: 'MARKED' });
    const health = async () => JSON.stringify(await (await fetch(service.url.replace(/^ws(.*)\/ws$/, 'http$1/metrics'), auth)).text());
    const auth = { headers: { authorization: `Bearer ${service.token}` } };
    expect(await health()).toContain('troupe_inspectors 0');
    expect(stately.referers).toEqual([]);

    const [window] = await Promise.all([page.waitForEvent('popup'), page.click('#open')]);
    await expect.poll(() => framesOf(window).then(({ length }) => length), { timeout: 10_000 }).toBe(2);
    await client.request('task.block', { taskId: two.task.id, reason: 'r' });
    await expect.poll(() => framesOf(window).then(({ length }) => length), { timeout: 10_000 }).toBe(4);
    const frames = await framesOf(window);
    expect(frames.map(({ data }) => [data.type, data.sessionId])).toEqual([
      ['@xstate.actor', one.task.id],
      ['@xstate.actor', two.task.id],
      ['@xstate.event', two.task.id],
      ['@xstate.snapshot', two.task.id],
    ]);
    expect(frames.every(({ data }) => data.type !== '@xstate.actor' || data.definition !== undefined)).toBe(true);
    expect(JSON.stringify(frames)).not.toContain('MARKED');
    expect(await page.locator('#status').innerText()).toContain('4 frames');
    // The path is a secret.
    expect(stately.referers.filter((referer) => referer?.includes(new URL(url).host))).toEqual([]);

    await window.reload();
    await expect.poll(() => framesOf(window).then(({ length }) => length), { timeout: 10_000 }).toBe(2);
    // The service restarts, and the bridge comes back by itself.
    await client.request('system.restart', { dryRun: false });
    await expect.poll(() => framesOf(window).then(({ length }) => length), { timeout: 15_000 }).toBe(4);
    await page.click('#stop');
    await expect.poll(() => framesOf(window).then((all) => all.at(-1)?.data.type as string)).toBe('@statelyai.disconnected');
    expect(errors).toEqual([]);
  });

  test('gives nothing to another site than the one that it named', async () => {
    const service = await startTroupe();
    const client = await enter(service);
    await client.request('task.create', { title: 'Tea' });
    const stately = await inspector();
    const elsewhere = createServer((_, response) => response.writeHead(302, { Location: stately.url }).end());
    await new Promise<void>((resolve) => void elsewhere.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      elsewhere.closeAllConnections();
      elsewhere.close();
    });
    const named = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    const page = await visit(await pageOf(run(service, '--inspector', named)));
    const [window] = await Promise.all([page.waitForEvent('popup'), page.click('#open')]);
    await expect.poll(() => page.locator('#status').innerText(), { timeout: 10_000 }).toContain('Another site answered');
    expect(await framesOf(window)).toEqual([]);
    await client.close();
  });
});
