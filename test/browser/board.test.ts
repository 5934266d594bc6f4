import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { setScene } from '../../demo/scene.ts';
import { createTroupe } from '../../src/server.ts';
import { connect } from '../support/client.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { readFile } from 'node:fs/promises';
import { noBrowser, visit, withBrowser } from './person.ts';

withBrowser();

const plans = new URL('../../fixtures/plans/', import.meta.url);

async function serve(): Promise<{ readonly url: string; readonly http: string; readonly token: string; readonly link: string }> {
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const troupe = await createTroupe({ data: await temporaryDirectory(), port: 0, page: inject('page'), logger });
  onTestFinished(() => troupe.close());
  const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
  return { url: troupe.url, http: troupe.http, token, link: `${troupe.http}/#token=${token}` };
}

describe.skipIf(noBrowser !== null)('the board', () => {
  test('shows where every task stands', async () => {
    const { url, token, link } = await serve();
    const scene = await setScene(plans, (worker) => connect(url, token, { worker }));
    const { page } = await visit(link);
    await page.getByRole('region', { name: 'Ship the CSV importer' }).waitFor();
    expect(scene.importer).toMatch(/^t_/);
    expect(page.url()).not.toContain(token);
  });
});
