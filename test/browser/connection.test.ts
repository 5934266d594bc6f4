import { readFile } from 'node:fs/promises';
import { describe, expect, inject, test } from 'vitest';
import { addToken, revokeToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import { compileService, Restarted } from '../stream/service.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { noBrowser, visit, withBrowser } from './person.ts';
import { serve } from './world.ts';

withBrowser();

describe.skipIf(noBrowser !== null)('the connection of the page', () => {
  test('is made anew after the service was killed, and the page catches up without being loaded again', async () => {
    const service = new Restarted(await compileService(), await temporaryDirectory());
    const first = await service.start({ page: inject('page') });
    const port = Number(new URL(first.url).port);
    const before = await connect(first.url, first.token, { worker: 'ada' });
    const one = await before.request('task.create', { title: 'Before the kill' });
    const { page } = await visit(`http://127.0.0.1:${port}/#token=${first.token}`, { mayComplain: /WebSocket connection to .* failed/ });
    await page.locator('[data-lane="ready"]', { hasText: 'Before the kill' }).first().waitFor();
    await page.evaluate('window.sameLoad = true');

    await service.stop('SIGKILL');
    await page.getByRole('status').filter({ hasText: 'no connection' }).waitFor();
    // What was seen last stays in sight.
    expect(await page.getByText('Before the kill').count()).toBe(1);

    const second = await service.start({ page: inject('page'), port });
    const after = await connect(second.url, second.token, { worker: 'ada' });
    await after.request('task.execute', { taskId: one.task.id });
    await after.request('task.create', { title: 'After the kill' });
    await page.getByRole('status').filter({ hasText: 'live' }).waitFor();
    await page.locator('.card[data-lane="running"]', { hasText: 'Before the kill' }).waitFor();
    await page.locator('.card[data-lane="ready"]', { hasText: 'After the kill' }).waitFor();
    expect(await page.evaluate('window.sameLoad')).toBe(true);
  });

  test('ends when its token is revoked; the page says so and asks for another', async () => {
    const world = await serve();
    const token = addToken(world.data, { name: 'guest', scopes: ['read'], projects: null, now: Date.now() });
    const { page } = await visit(`${world.http}/#token=${token}`, { mayComplain: /WebSocket/ });
    await page.getByRole('status').filter({ hasText: 'live' }).waitFor();
    await page.getByText('read-only', { exact: true }).waitFor();
    revokeToken(world.data, 'guest');
    await page.getByRole('alert').filter({ hasText: /token/ }).waitFor();
    await page.getByRole('button', { name: 'Give another token' }).click();
    await page.getByLabel('Token').fill(world.token);
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'live' }).waitFor();
    expect(await page.getByText('read-only', { exact: true }).count()).toBe(0);
  });

  test('never shows its token: not in the address, the history, the log, or to another tab', async () => {
    const world = await serve();
    const { page } = await visit(world.link('?view=list'));
    await page.getByRole('status').filter({ hasText: 'live' }).waitFor();
    expect(page.url()).toBe(`${world.http}/?view=list`);
    await page.reload();
    await page.getByRole('status').filter({ hasText: 'live' }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${world.http}/`);
    await other.getByLabel('Token').waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(world.token);
    expect(await page.content()).not.toContain(world.token);
    expect(world.lines.filter((line) => line.includes(world.token))).toEqual([]);
    expect((await readFile(`${world.data}/token`, 'utf8')).trim()).toBe(world.token);
  });

  test('with a wrong token says that it is wrong', async () => {
    const world = await serve();
    const { page } = await visit(`${world.http}/#token=troupe_wrong`, { mayComplain: /WebSocket/ });
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('token');
  });
});
