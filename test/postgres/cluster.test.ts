import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Link } from '../../src/client/link.ts';
import { TroupeError } from '../../src/errors.ts';
import type { TaskId } from '../../src/ids.ts';
import type { ActorEvent } from '../../src/protocol/event.ts';
import { buildCommand } from '../support/command.ts';
import { findPostgres, startPostgres } from '../support/postgres-server.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { cluster, lane } from './cluster-run.ts';
import type { Life } from './cluster-run.ts';

/** Built nodes over a server of their own: what is killed, and what is there afterwards. */

const bin = findPostgres();
const kills = Number(process.env['KILLS'] ?? 3);
const lanes = 64;
const connections = 8;
/** Lives that must be whole between two kills. */
const livesBetween = 60;

async function server(): Promise<PostgresServer> {
  const postgres = await startPostgres(bin!);
  onTestFinished(() => postgres.dispose());
  return postgres;
}

/** Every event that a follower is told, and what it was told twice or too early. */
function follow(link: Link): { readonly revisions: ReadonlyMap<string, number>; readonly faults: string[]; readonly lists: () => number } {
  const revisions = new Map<string, number>();
  const faults: string[] = [];
  let lists = 0;
  const take = ({ taskId, rev }: Pick<ActorEvent, 'taskId' | 'rev'>): void => {
    const id = taskId ?? '';
    const before = revisions.get(id) ?? 0;
    if (rev !== before + 1) faults.push(`${id}: ${rev} after ${before} at ${revisions.size}`);
    revisions.set(id, rev);
  };
  link.follow((item) => {
    if (item.kind === 'events') for (const event of item.events) take(event);
    if (item.kind === 'list') lists += 1;
  });
  return { revisions, faults, lists: () => lists };
}

async function expectWhole(link: Link, lives: readonly Life[]): Promise<void> {
  const found = new Map<string, TaskId[]>();
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await link.call('task.list', { limit: 1_000, cursor, fields: ['title', 'status'] });
    for (const { id, title } of page.items) found.set(title!, [...(found.get(title!) ?? []), id]);
    cursor = page.nextCursor;
  }
  for (const life of lives) {
    if (life.taskId === undefined) continue;
    // Made once, though it may have been asked for twice.
    expect(found.get(life.name)).toEqual([life.taskId]);
    if (life.completed !== true) continue;
    const { task } = await link.call('task.get', { taskId: life.taskId });
    expect([life.name, task.status, task.attempt]).toEqual([life.name, 'completed', 1]);
    const [artifact] = task.artifacts;
    const { content } = await link.call('artifact.get', { artifactId: artifact!.id });
    expect(content).toBe(life.work);
  }
}

describe.skipIf(bin === null)('a cluster', { timeout: 900_000 }, () => {
  let command: string;
  beforeAll(async () => {
    command = await buildCommand();
  });

  it(`kill -9 of one of three nodes, with ${lanes} commands in flight, ${kills} times: nothing acknowledged is lost or doubled, no event is missing`, async () => {
    const { url } = await server();
    const nodes = await cluster(command, url, 3);
    const follower = nodes.client(1, 'follower');
    const followed = follow(follower);
    const lives: Life[] = [];
    const over = new AbortController();
    const links = Array.from({ length: connections }, (_, n) => nodes.client(0, `w${n}`));
    const elsewhere = nodes.client(2, 'elsewhere');
    const running = Array.from({ length: lanes }, (_, n) => lane(links[n % connections]!, `lane-${n}`, lives, over.signal));
    for (let n = 0; n < lanes / connections; n++) running.push(lane(elsewhere, `elsewhere-${n}`, lives, over.signal));
    const completed = () => lives.filter((life) => life.completed).length;
    for (let kill = 0; kill < kills; kill++) {
      const before = completed();
      await expect.poll(completed, { timeout: 60_000 }).toBeGreaterThan(before + livesBetween);
      const victim = nodes.nodes[kill]!;
      victim.child.kill('SIGKILL');
      await victim.exit;
      await nodes.add();
    }
    const before = completed();
    await expect.poll(completed, { timeout: 60_000 }).toBeGreaterThan(before + livesBetween);
    over.abort();
    await Promise.all(running);
    await expectWhole(follower, lives);
    await expect.poll(() => lives.every(({ taskId }) => followed.revisions.get(taskId!) === 3)).toBe(true);
    expect({ faults: followed.faults, lists: followed.lists() }).toEqual({ faults: [], lists: 0 });
    console.log(`${completed()} lives over ${kills} kills`);
  });

  it('kill -9 and restart of the server: the nodes take commands again by themselves, nothing acknowledged is lost', async () => {
    const postgres = await server();
    const nodes = await cluster(command, postgres.url, 2);
    const follower = nodes.client(1, 'follower');
    const followed = follow(follower);
    const lives: Life[] = [];
    const over = new AbortController();
    const links = Array.from({ length: connections }, (_, n) => nodes.client(n, `w${n}`));
    const completed = () => lives.filter((life) => life.completed).length;
    const failed: string[] = [];
    let up = Promise.resolve();
    // A lost database is a retryable error, and the lane is the program that tries again.
    const stubborn = async (n: number): Promise<void> => {
      for (let round = 0; !over.signal.aborted; round++) {
        await lane(links[n % connections]!, `lane-${n}-${round}`, lives, over.signal).catch(
          (error: unknown) => void failed.push(error instanceof TroupeError ? error.reason : String(error)),
        );
        await up;
      }
    };
    const running = Array.from({ length: lanes }, (_, n) => stubborn(n));
    for (let kill = 0; kill < kills; kill++) {
      const before = completed();
      await expect.poll(completed, { timeout: 60_000 }).toBeGreaterThan(before + livesBetween);
      let restarted = (): void => {};
      up = new Promise((resolve) => (restarted = resolve));
      await postgres.stop('immediate');
      const ready = () => fetch(nodes.nodes[0]!.url.replace(/^ws(.*)\/ws$/, 'http$1/readyz')).then(({ status }) => status);
      await expect.poll(ready, { timeout: 30_000 }).toBe(503);
      await postgres.start();
      await expect.poll(ready, { timeout: 30_000 }).toBe(200);
      restarted();
    }
    const before = completed();
    await expect.poll(completed, { timeout: 60_000 }).toBeGreaterThan(before + livesBetween);
    over.abort();
    await Promise.all(running);
    expect(new Set(failed)).toEqual(new Set(failed.length === 0 ? [] : ['STORE_UNAVAILABLE']));
    await expectWhole(follower, lives);
    expect(followed.faults).toEqual([]);
    console.log(`${completed()} lives over ${kills} restarts of the server, ${failed.length} commands refused meanwhile`);
  });
});
