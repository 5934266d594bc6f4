import { describe, expect, test } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { noBrowser, visit, withBrowser } from './person.ts';
import { fill, serve } from './world.ts';

withBrowser();

const lane = (page: Page, plan: string, name: string): Locator =>
  page
    .getByRole('region', { name: plan })
    .locator('.cell')
    .filter({ has: page.getByRole('heading', { name, includeHidden: true }) });
const cards = (cell: Locator): Promise<string[]> => cell.locator('.card .title').allTextContents();

describe.skipIf(noBrowser !== null)('the board', () => {
  test('follows a plan while it is worked, and takes the answer that a person gives', async () => {
    const world = await serve();
    const worker = await world.worker('ada');
    const { page } = await visit(world.link());
    await page.getByText('There is no work yet.').waitFor();

    const { tasks } = await worker.request('task.plan', {
      title: 'Tea',
      tasks: [
        { ref: 'boil', title: 'Boil water' },
        { ref: 'pour', title: 'Pour', dependsOn: ['boil'] },
      ],
    });
    const { boil, pour } = tasks;
    if (boil === undefined || pour === undefined) throw new Error('the plan was not made');
    await lane(page, 'Tea', 'Ready').getByText('Boil water').waitFor();
    await lane(page, 'Tea', 'Waiting').getByText('waits on 1').waitFor();

    await worker.request('task.execute', { taskId: boil });
    await worker.request('task.progress', { taskId: boil, value: 40, total: 100, message: 'forty degrees' });
    await lane(page, 'Tea', 'In progress').getByText('forty degrees').waitFor();

    await worker.request('task.block', { taskId: boil, question: 'Green or black?' });
    await page.getByLabel('Answer to: Green or black?').fill('Green');
    await page.keyboard.press('Enter');
    await page.getByText('Answered: Boil water').waitFor();
    await lane(page, 'Tea', 'Ready').getByText('Boil water').waitFor();
    expect((await worker.request('task.get', { taskId: boil })).task.blocked?.answer).toBe('Green');

    await worker.request('task.execute', { taskId: boil });
    await worker.request('task.complete', { taskId: boil, summary: 'It boils', detailedWork: '80 °C' });
    await lane(page, 'Tea', 'Ready').getByText('Pour').waitFor();
    expect(await cards(lane(page, 'Tea', 'Done'))).toEqual(['Boil water']);
    expect(await page.getByRole('region', { name: 'Tea' }).getByRole('heading', { level: 2 }).textContent()).toContain('1/2');
  });

  test('can be used without a mouse', async () => {
    const world = await serve();
    await fill(world);
    const { page } = await visit(world.link());
    await page.getByRole('region', { name: 'Ship the CSV importer' }).waitFor();

    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Ready tasks only').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.keyboard.press('r');
    await page.waitForURL(/\?ready$/);
    await page.getByRole('region', { name: 'Nightly import takes six hours' }).getByText('An alarm when the import').waitFor();
    expect(await lane(page, 'Nightly', 'Waiting').locator('.card').count()).toBe(0);
    await page.keyboard.press('r');

    await page.keyboard.press('/');
    await page.keyboard.type('licence');
    await page.waitForURL(/q=licence/);
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Ship the CSV importer' }).waitFor({ state: 'detached' });
    // The question stands first, whatever is filtered out.
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const focused = page.locator('.card:focus');
    await focused.waitFor();
    expect(await focused.textContent()).toContain('licence question');
    await page.keyboard.press('Enter');
    await page.waitForURL(/task=t_/);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.searchParams.has('task'));
  });

  test('says in its URL what it shows, so that a reload and the way back lead to the same', async () => {
    const world = await serve();
    const { incident } = await fill(world);
    const { page } = await visit(world.link());
    await page.getByLabel('Plan').selectOption(incident);
    await page.getByRole('button', { name: 'Hide done' }).click();
    await page.getByText('Measure where the time goes').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('region', { name: 'Nightly import takes six hours' }).waitFor();
    expect(new URL(page.url()).search).toBe(`?plan=${incident}&hide-done`);
    expect(await page.getByText('Measure where the time goes').count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Ship the CSV importer' }).count()).toBe(0);
  });

  test('changes nothing in a read-only view', async () => {
    const world = await serve();
    await fill(world);
    const { page } = await visit(world.link('?read-only'));
    await page.getByText('Which three programs do we describe').waitFor();
    await page.getByText('read-only', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Answer', exact: true }).count()).toBe(0);
  });
});
