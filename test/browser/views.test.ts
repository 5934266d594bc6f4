import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { views } from '../../src/dashboard/route.ts';
import type { View } from '../../src/dashboard/route.ts';
import { noBrowser, visit, withBrowser } from './person.ts';
import { fill, serve } from './world.ts';
import type { World } from './world.ts';

withBrowser();

const hostile = '<img src=x onerror="window.pwned=1"></script><script>window.pwned=1</script>\u202Egnp.exe\u200B';
const long = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(6).slice(0, 255);

/** What each view says while there is no work. */
const whenEmpty: Readonly<Record<View, string>> = {
  board: 'There is no work yet.',
  list: 'There is no work yet.',
  graph: 'There is no plan yet',
  messages: 'There is no plan yet',
  live: 'Events appear by themselves.',
  // The machines are there before anything is in them.
  machines: 'The task machine',
};

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What hinders people with a screen reader, a keyboard or weak eyes, in the words of axe; the serious part of it. */
async function hindrances(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as { violations: readonly Violation[] };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** Everything is read, and what is on its way has come. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor();
  await expect
    .poll(
      async () =>
        page
          .locator('main')
          .getByText(/(Loading|Reading|Asking) ?.*…/)
          .allTextContents(),
      { timeout: 10_000 },
    )
    .toEqual([]);
}

/** What stands out of the window sideways, though nothing there scrolls. */
const overflow =
  "document.documentElement.scrollWidth - document.documentElement.clientWidth + Math.max(0, document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth)";

async function hostileWork(world: World): Promise<string> {
  const worker = await world.worker('eve');
  const { task, tasks } = await worker.request('task.plan', {
    title: hostile,

    tasks: [
      { ref: 'a', title: hostile, description: hostile },
      { ref: 'b', title: long, dependsOn: ['a'] },
      { ref: 'c', title: hostile },
    ],
  });
  const { a, c } = tasks;
  if (a === undefined || c === undefined) throw new Error('the plan was not made');
  await worker.request('task.execute', { taskId: a });
  await worker.request('task.progress', { taskId: a, value: 1, total: 3, message: hostile });
  await worker.request('task.execute', { taskId: c });
  await worker.request('task.block', { taskId: c, question: hostile });
  return task.id;
}

describe.skipIf(noBrowser !== null)('every view', () => {
  test.each(['light', 'dark'] as const)('can be read by everyone, %s', async (colorScheme) => {
    const world = await serve();
    const { importer, tasks } = await fill(world);
    for (const view of views) {
      const { page } = await visit(world.link(`?view=${view}&plan=${importer}${view === 'graph' ? `&task=${tasks['mapping']}` : ''}`), {
        colorScheme,
      });
      await settled(page);
      expect([view, await hindrances(page)]).toEqual([view, []]);
    }
  });

  test('fits into a window of 320 px', async () => {
    const world = await serve();
    const { importer } = await fill(world);
    await hostileWork(world);
    for (const view of views) {
      const plan = view === 'messages' || view === 'graph' ? `&plan=${importer}` : '';
      const { page } = await visit(world.link(`?view=${view}${plan}`), { viewport: { width: 320, height: 640 } });
      await settled(page);
      expect([view, await page.evaluate(overflow)]).toEqual([view, 0]);
    }
  });

  test('says what to do while there is no work', async () => {
    const world = await serve();
    for (const view of views) {
      const { page } = await visit(world.link(`?view=${view}`));
      await expect.poll(() => page.locator('main').textContent(), { message: view, timeout: 10_000 }).toContain(whenEmpty[view]);
    }
  });

  test('shows hostile titles as text', async () => {
    const world = await serve();
    const plan = await hostileWork(world);
    for (const view of views) {
      const { page } = await visit(world.link(`?view=${view}&plan=${plan}`));
      await settled(page);
      if (view !== 'machines') await page.getByText('onerror').first().waitFor({ state: 'attached' });
      expect([view, await page.evaluate('window.pwned'), await page.locator('main img, main script, main iframe').count()]).toEqual([
        view,
        undefined,
        0,
      ]);
    }
  });

  test('goes on when the service becomes another version, and says so', async () => {
    const world = await serve();
    await fill(world);
    const { page } = await visit('about:blank', { anyHost: true });
    await page.routeWebSocket(/\/ws$/, (socket) => {
      const service = socket.connectToServer();
      service.onMessage((text) =>
        socket.send(String(text).replace(/"server":\{"name":"troupe","version":"[^"]+"/, '"server":{"name":"troupe","version":"9.9.9"')),
      );
    });
    await page.goto(world.link());
    await page.getByRole('region', { name: 'Ship the CSV importer' }).waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('The service is version 9.9.9 now');
  });
});

describe.skipIf(noBrowser !== null)('many tasks', () => {
  test('10,000 of them scroll, are found, and are archived together', async () => {
    const world = await serve();
    const worker = await world.worker('ada');
    for (let plan = 0; plan < 10; plan += 1) {
      const parts = Array.from({ length: 999 }, (_, index) => ({ title: `Part ${index} of plan ${plan}` }));
      await worker.request('task.plan', { title: `Plan ${plan}`, tasks: parts });
    }
    for (let index = 0; index < 5; index += 1) {
      const { task } = await worker.request('task.create', { title: `Given up ${index}` });
      await worker.request('task.cancel', { taskId: task.id });
    }
    const { page } = await visit(world.link('?view=list&sort=-title'));
    await page.getByText('of 10,005 tasks').waitFor();
    // Only what is near the window is in the document.
    expect(await page.getByRole('row').count()).toBeLessThan(120);
    await page.keyboard.press('j');
    await page.keyboard.press('End');
    await page.getByText('Given up 0').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('given up');
    await page.getByText('5 of 10,005 tasks').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await page.getByRole('button', { name: 'Archive 5' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Archive/ })
      .click();
    await page.getByText('5 archived, 0 refused').waitFor();
    await expect.poll(async () => (await worker.request('task.list', { filter: { text: 'given up' } })).items.length).toBe(0);
  });

  test('a plan of 1,000 tasks is drawn, and only what is seen of it', async () => {
    const world = await serve();
    const worker = await world.worker('ada');
    const parts = Array.from({ length: 999 }, (_, index) => ({
      ref: `p${index}`,
      title: `Part ${index}`,
      ...(index < 40 ? {} : { dependsOn: [`p${index - 40}`, `p${index - 40 + (index % 7)}`] }),
    }));
    const { task } = await worker.request('task.plan', { title: 'A large plan', tasks: parts });
    const { page } = await visit(world.link(`?view=graph&plan=${task.id}`));
    await page.getByText('960 waiting').waitFor();
    for (let zoomed = 0; zoomed < 12; zoomed += 1) await page.keyboard.press('+');
    await page
      .locator('svg')
      .getByText(/^Part \d+$/)
      .first()
      .waitFor();
    expect(await page.locator('svg [data-node]').count()).toBeLessThan(200);
  });
});
