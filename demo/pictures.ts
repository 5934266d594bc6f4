import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { connect } from '../test/support/client.ts';
import type { Client } from '../test/support/client.ts';
import { setScene } from './scene.ts';
import { Service } from './service.ts';

/** Takes the pictures of the page that the documents show: `npm run pictures [-- FOLDER [NAME…]]`. */

interface Picture {
  readonly name: string;
  /** The query of the page. */
  readonly search: string;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** What is visible when the page is as it should be. */
  readonly shows: string;
  readonly before?: (page: Page) => Promise<void>;
}

const [folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url)), ...wanted] = process.argv.slice(2);
const data = await mkdtemp(join(tmpdir(), 'troupe-pictures-'));
const service = new Service(data);
await service.start();
const clients: Client[] = [];
const scene = await setScene(new URL('../../fixtures/plans/', import.meta.url), async (worker) => {
  const client = await connect(service.url, service.token, { worker });
  clients.push(client);
  return client;
});

const mapping = scene.tasks['mapping'] ?? '';
const cause = scene.tasks['cause'] ?? '';
const research = scene.tasks['research'] ?? '';
const pictures: readonly Picture[] = [
  { name: 'board', search: '', shows: '[data-task]' },
  { name: 'board-dark', search: '', theme: 'dark', shows: '[data-task]' },
  { name: 'board-narrow', search: '', width: 360, height: 760, shows: '[data-task]' },
  { name: 'task', search: `?task=${mapping}`, height: 1_000, shows: 'svg' },
  { name: 'task-dark', search: `?task=${research}`, theme: 'dark', height: 1_000, shows: 'svg' },
  { name: 'task-waiting', search: `?task=${cause}`, shows: 'svg' },
  { name: 'task-narrow', search: `?task=${mapping}`, width: 360, height: 760, shows: 'svg' },
  { name: 'graph', search: `?view=graph&plan=${scene.importer}&task=${mapping}`, shows: 'svg' },
  { name: 'graph-dark', search: `?view=graph&plan=${scene.importer}`, theme: 'dark', shows: 'svg' },
  { name: 'list', search: '?view=list', shows: '[data-task]' },
  { name: 'list-narrow', search: '?view=list', width: 360, height: 760, shows: '[data-task]' },
  {
    name: 'live',
    search: '?view=live',
    shows: 'main',
    before: async (page) => {
      const [ada] = clients;
      await page.getByText('events/s').waitFor();
      for (let value = 8; value <= 11; value += 1)
        await clients[1]?.request('task.progress', { taskId: scene.tasks['mapping'] ?? scene.importer, value, total: 11 });
      await ada?.request('task.answer', { taskId: scene.tasks['guide'] ?? scene.importer, answer: 'The three with most customers.' });
      const { task } = await ada!.request('task.claim', { filter: { rootId: scene.importer } });
      await ada?.request('task.note', { taskId: task.id, text: 'Screenshots are in the shared folder.' });
      await clients[1]?.request('task.complete', {
        taskId: scene.tasks['mapping'] ?? scene.importer,
        summary: 'Mapped',
        detailedWork: 'By name, then by content.',
      });
    },
  },
  { name: 'messages', search: `?view=messages&plan=${scene.importer}`, shows: 'main' },
  { name: 'machines', search: '?view=machines', height: 1_100, shows: 'svg' },
];

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const picture of pictures) {
  if (wanted.length > 0 && !wanted.includes(picture.name)) continue;
  const { name, search, shows, width = 1_280, height = 800, theme = 'light', before } = picture;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') console.log(`${name}: ${message.text()}`);
  });
  await page.goto(`${service.url.replace(/^ws/, 'http').replace(/ws$/, '')}${search}#token=${service.token}`);
  await page.locator(shows).first().waitFor();
  await before?.(page);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`${name}.png`);
  await context.close();
}
await browser.close();
for (const client of clients) await client.close();
await service.stop();
await rm(data, { recursive: true, force: true });
