import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

/** A person at the page: the system's Chromium, and what went wrong in it. */

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];
const executablePath = [process.env['CHROMIUM'], ...places].find((path) => path !== undefined && existsSync(path));

/** Why the tests that need a browser can't run here; null when they can. */
export const noBrowser = executablePath === undefined ? 'there is no Chromium: install it, or name it with CHROMIUM' : null;

let browser: Browser | null = null;

/** One browser for all tests of a file. To be called at the file's top. */
export function withBrowser(): void {
  if (noBrowser !== null) {
    console.log(`skipped: ${noBrowser}`);
    return;
  }
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser?.close());
}

export interface Visit {
  readonly page: Page;
  /** What the console, the policy and the network complained of. */
  readonly complaints: readonly string[];
  /** Every host that the page asked for something. */
  readonly hosts: ReadonlySet<string>;
}

/** Opens a link in a window of its own. When the test ends it is closed, and must not have had complaints. */
export async function visit(
  url: string,
  options: BrowserContextOptions & { readonly mayComplain?: RegExp; readonly anyHost?: boolean } = {},
): Promise<Visit> {
  if (browser === null) throw new Error('no browser: call withBrowser first');
  const { mayComplain, anyHost = false, ...contextOptions } = options;
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, ...contextOptions });
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  page.on('websocket', (socket) => hosts.add(new URL(socket.url()).host));
  onTestFinished(async () => {
    await context.close();
    const bad = complaints.filter((line) => mayComplain === undefined || !mayComplain.test(line));
    expect(bad).toEqual([]);
    if (!anyHost) expect([...hosts]).toEqual([new URL(url).host]);
  });
  await page.goto(url);
  return { page, complaints, hosts };
}
