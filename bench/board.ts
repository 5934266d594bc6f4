import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { LeanClient } from './load.ts';
import { median, table } from './report.ts';
import { interleaved } from './rounds.ts';
import { startTroupe } from './service.ts';

/** What the page costs a browser's main thread while 1,000 events come every second, beside a page that only parses them. */

const rounds = 3;
const tasks = 10_000;
const perPlan = 500;
const running = 400;
const eventsPerSecond = 1_000;
const seconds = 8;

/** 10,000 tasks, of which some are worked. Answers their ids. */
async function fill(client: LeanClient): Promise<string[]> {
  const ids: string[] = [];
  for (let plan = 0; plan < tasks / perPlan; plan++) {
    const parts = Array.from({ length: perPlan - 1 }, (_, index) => ({
      title: `Part ${index} of plan ${plan}`,
      ref: `p${index}`,
      specialist: ['coder', 'tester', 'reviewer'][index % 3],
      ...(index % 5 === 4 ? { dependsOn: [`p${index - 1}`] } : {}),
    }));
    const { tasks: made } = (await client.request('task.plan', { title: `Plan ${plan}`, tasks: parts })) as unknown as {
      tasks: Record<string, string>;
    };
    const perPlanRunning = running / (tasks / perPlan);
    for (let index = 0; index < perPlanRunning; index++) {
      const id = made[`p${index * 5}`];
      if (id === undefined) throw new Error('a part is missing');
      await client.request('task.execute', { taskId: id, leaseMs: 3_600_000 });
      ids.push(id);
    }
  }
  return ids;
}

/** A connection may have 64 requests under way. */
const mostInFlight = 48;

/** Sends commands at a steady pace, as long as they are answered. */
class Writer {
  readonly #client: LeanClient;
  readonly #ids: readonly string[];
  #done = 0;
  #sent = 0;

  constructor(client: LeanClient, ids: readonly string[]) {
    this.#client = client;
    this.#ids = ids;
  }

  get done(): number {
    return this.#done;
  }

  async work(ms: number): Promise<void> {
    const began = performance.now();
    const first = this.#sent;
    const answers = new Set<Promise<void>>();
    for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - began) {
      const due = first + Math.floor((elapsed * eventsPerSecond) / 1_000);
      while (this.#sent < due && answers.size < mostInFlight) {
        const answer = this.#command().finally(() => answers.delete(answer));
        answers.add(answer);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(answers);
  }

  async #command(): Promise<void> {
    const taskId = this.#ids[this.#sent % this.#ids.length];
    this.#sent += 1;
    await this.#client.request('task.progress', { taskId, value: this.#sent, message: `step ${this.#sent}` });
    this.#done += 1;
  }
}

/** Seconds of processor that the page's main thread has used. */
async function threadSeconds(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
}

type Open = (browser: Browser, origin: string, token: string) => Promise<Page>;

const board =
  (search: string, shows: string): Open =>
  async (browser, origin, token) => {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 800 } });
    await page.goto(`${origin}/${search}#token=${token}`);
    await page.locator(shows).first().waitFor();
    await page.waitForTimeout(2_000);
    return page;
  };

/** Subscribes as the page does, and parses what comes. */
const bare: Open = async (browser, origin, token) => {
  const page = await browser.newPage();
  await page.goto(`${origin}/`);
  await page.evaluate(
    `new Promise((resolve) => {
      const ws = new WebSocket(location.origin.replace(/^http/, 'ws') + '/ws', 'troupe.v1');
      const send = (id, method, params) => ws.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      let heard = 0;
      ws.onopen = () => send(1, 'session.hello', { token: ${JSON.stringify(token)} });
      ws.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.id === 1) send(2, 'events.subscribe', { batchMs: 50 });
        else if (message.id === 2) resolve();
        else heard += message.params.events?.length ?? 1;
      };
    })`,
  );
  return page;
};

interface Sample {
  readonly share: number;
  readonly events: number;
}

export async function boardOfBrowser(): Promise<void> {
  const server = await startTroupe();
  const origin = server.url.replace(/^ws/, 'http').replace(/\/ws$/, '');
  const client = await LeanClient.connect(server.url, server.token, 'writer');
  const writer = new Writer(client, await fill(client));
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const measure = async (open: Open, ms: number): Promise<Sample> => {
    const page = await open(browser, origin, server.token);
    const used = await threadSeconds(page);
    const [before, began, done] = [await used(), performance.now(), writer.done];
    if (ms > 0) await writer.work(ms);
    else await page.waitForTimeout(seconds * 1_000);
    const took = (performance.now() - began) / 1_000;
    const sample = { share: ((await used()) - before) / took, events: (writer.done - done) / took };
    await page.close();
    return sample;
  };
  const rows: string[][] = [];
  const tell = (what: string, samples: readonly Sample[]): void =>
    void rows.push([
      what,
      median(samples.map(({ events }) => events)).toFixed(0),
      median(samples.map(({ share }) => share * 100)).toFixed(1),
      samples.map(({ share }) => (share * 100).toFixed(1)).join(', '),
    ]);
  try {
    for (const [name, search, shows] of [
      ['board', '', '[data-task]'],
      ['list', '?view=list', '[data-task]'],
      // Nothing has happened yet when it is opened.
      ['live', '?view=live', 'text=events/s'],
    ] as const) {
      const samples = await interleaved(['bare', 'page'], rounds, (kind) =>
        measure(kind === 'bare' ? bare : board(search, shows), seconds * 1_000),
      );
      if (name === 'board') tell('a page that only parses', samples.bare);
      tell(`the ${name}`, samples.page);
    }
    tell('the board, nothing happens', [await measure(board('', '[data-task]'), 0)]);
    table([`${tasks} tasks`, 'events/s', '% of a core', 'each round'], rows);
    console.log('goal: the page under 50 % of a core at 1,000 events/s');
  } finally {
    await browser.close();
    client.close();
    await server.stop();
  }
}
