import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { noBrowser, visit, withBrowser } from './person.ts';
import { serve } from './world.ts';

withBrowser();

const hostile = '<img src=x onerror="window.pwned=1"></script><script>window.pwned=1</script>\u202Egnp.exe\u200B';
const markdown = `# Title\n\n${hostile}\n\n[bad](javascript:window.pwned=1) [data](data:text/html,x) [good](https://b.example/c) ![seen](https://d.example/e.png)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n`;

describe.skipIf(noBrowser !== null)('the view of a task', () => {
  test('is worked with: lit, started, refused with the guard that said no, completed', async () => {
    const world = await serve();
    const worker = await world.worker('ada');
    const { task } = await worker.request('task.create', { title: 'Boil water', acceptance: ['It is hot', 'It is clean'] });
    const { page } = await visit(world.link(`?task=${task.id}`));
    const lit = page.locator('.state.lit');
    await lit.filter({ hasText: 'pending' }).waitFor();
    expect(await page.locator('.event.lit[data-event="START"]').count()).toBe(1);

    await page.keyboard.press('s');
    await lit.filter({ hasText: 'in_progress' }).waitFor();
    await page.getByText('You hold it until').waitFor();
    await page.keyboard.press('c');
    await page.getByLabel('Summary').fill('It boils');
    await page.getByLabel('Met: It is hot').check();
    await page.getByRole('form').getByRole('button', { name: 'Complete' }).click();
    await page.getByRole('alert').getByText('acceptanceAnswered').waitFor();
    // What was typed is kept, and what happens meanwhile takes nothing away.
    await worker.request('task.note', { taskId: task.id, text: 'mind the steam' });
    await page.getByText('mind the steam').first().waitFor();
    expect(await page.getByLabel('Summary').inputValue()).toBe('It boils');
    await page.getByLabel('Met: It is clean').check();
    await page.getByLabel('Summary').press('Control+Enter');
    await lit.filter({ hasText: 'completed' }).waitFor();
    expect((await worker.request('task.get', { taskId: task.id })).task.result?.summary).toBe('It boils');
    await page
      .getByRole('row', { name: /attempt 1/ })
      .getByText('completed')
      .waitFor();
  });

  test('shows whatever somebody wrote as text, and fetches nothing for it', async () => {
    const world = await serve();
    const worker = await world.worker('eve');
    const { task } = await worker.request('task.create', {
      title: hostile,
      description: hostile,
      acceptance: [hostile],
      context: { [hostile]: hostile },
    });
    const { lease } = await worker.request('task.execute', { taskId: task.id });
    await worker.request('task.note', { taskId: task.id, text: hostile });
    await worker.request('task.complete', {
      taskId: task.id,
      lease: lease.id,
      summary: hostile,
      detailedWork: markdown,
      artifactName: `${hostile.slice(0, 60)}.md`,
      nextAction: 'needs_revision',
      feedback: hostile,
    });
    const { page } = await visit(world.link(`?task=${task.id}`));
    await page.getByRole('heading', { level: 2 }).filter({ hasText: 'onerror' }).waitFor();
    await page.locator('.artifact').click();
    const shown = page.locator('.markdown');
    await shown.getByRole('heading', { name: 'Title' }).waitFor();
    expect(await shown.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      'https://b.example/c',
    ]);
    expect(await shown.locator('td').allTextContents()).toEqual(['1', '2']);
    expect(await shown.textContent()).toContain('[picture: seen]');
    expect(await page.locator('main img, main script, main iframe').count()).toBe(0);
    await page.getByText('What its worker is told').click();
    await page.getByText('## Role').waitFor();
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.evaluate("document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth")).toBe(true);
  });

  test('reads large work page by page and gives it as a file', async () => {
    const world = await serve();
    const worker = await world.worker('ada');
    const { task } = await worker.request('task.create', { title: 'Log' });
    const { lease } = await worker.request('task.execute', { taskId: task.id });
    const work = `${'äöü €\n'.repeat(20_000)}the end`;
    await worker.request('task.complete', {
      taskId: task.id,
      lease: lease.id,
      summary: 'Logged',
      detailedWork: work,
      artifactName: 'log.txt',
    });
    const { page } = await visit(world.link(`?task=${task.id}`));
    await page.locator('.artifact').click();
    const text = page.locator('.opened pre');
    await page.getByText(/^128 KiB of/).waitFor();
    expect(await text.textContent()).not.toContain('\uFFFD');
    await page.getByRole('button', { name: 'Read on' }).click();
    await text.filter({ hasText: 'the end' }).waitFor();
    expect(await text.textContent()).toBe(work);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    expect(download.suggestedFilename()).toBe('log.txt');
    expect(await readFile((await download.path()) ?? '', 'utf8')).toBe(work);
  });

  test('says that work on the disk is broken, instead of showing something else', async () => {
    const world = await serve();
    const worker = await world.worker('ada');
    const { task } = await worker.request('task.create', { title: 'Report' });
    await worker.request('task.execute', { taskId: task.id });
    await worker.request('task.complete', {
      taskId: task.id,
      summary: 'Written',
      detailedWork: 'work '.repeat(40_000),
      artifactName: 'report.txt',
    });
    const folder = join(world.data, 'artifacts');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) await truncate(file, 1_000);
    const { page } = await visit(world.link(`?task=${task.id}`));
    await page.locator('.artifact').click();
    await page.getByText("The service can't read it as it was stored.").waitFor();
    expect(await page.getByText('work work').count()).toBe(0);
  });

  test('says that there is no such task, and leads back', async () => {
    const world = await serve();
    const { page } = await visit(world.link('?task=t_00000000000000000000000000'));
    await page.getByText('There is no such task.').waitFor();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByText('There is no work yet.').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test.each(['light', 'dark'] as const)('has nothing that hinders people with a screen reader or weak eyes, %s', async (colorScheme) => {
    const world = await serve();
    const worker = await world.worker('ada');
    const { task } = await worker.request('task.plan', {
      title: 'Plan',
      tasks: [
        { ref: 'a', title: 'A', acceptance: ['x'] },
        { title: 'B', dependsOn: ['a'] },
      ],
    });
    const { page } = await visit(world.link(`?task=${task.id}`), { colorScheme, viewport: { width: 320, height: 800 }, bypassCSP: true });
    await page.locator('.state.lit').waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('Title').waitFor();
    await page.addScriptTag({ content: axe.source });
    const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
      'axe.run().then(({ violations }) => violations)',
    );
    expect(
      found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
    ).toEqual([]);
    expect(await page.evaluate("document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth")).toBe(true);
  });
});
