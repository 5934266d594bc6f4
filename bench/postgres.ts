import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from '../src/persistence/postgres/database.ts';
import type { Database } from '../src/persistence/postgres/database.ts';
import { openPool } from '../src/persistence/postgres/pool.ts';
import { findPostgres, startPostgres } from '../test/support/postgres-server.ts';
import { connect } from '../test/support/client.ts';
import { livesOn, tell } from './lives.ts';
import { median, table } from './report.ts';
import { interleaved } from './rounds.ts';
import { startOnMemory, startTroupe } from './service.ts';

/** A node over PostgreSQL on this machine, which shares its processors with it. */

const rounds = 5;
const warmUpLives = 3_000;
const lives = 4_000;
const commandsOfLife = 3;
const lagEvents = 1_000;

/** Statements of the server so far, each a transaction and a round trip of its own. */
async function statements(database: Database): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    once('select xact_commit::float8 as count from pg_stat_database where datname = current_database()'),
  );
  return row?.count ?? 0;
}

export async function postgres(): Promise<void> {
  const bin = findPostgres();
  if (bin === null) return console.log('no PostgreSQL here');
  const server = await startPostgres(bin, { shared_buffers: '512MB' });
  const database = openPool({ url: server.url });
  try {
    const names = ['postgres', 'memory'] as const;
    let asked = 0;
    let commands = 0;
    const starts = { postgres: () => startTroupe([], undefined, { TROUPE_STORE: server.url }), memory: startOnMemory };
    const samples = await interleaved(names, rounds, async (name) => {
      const before = await statements(database);
      const sample = await livesOn(starts[name], warmUpLives, lives);
      if (name === 'postgres') {
        asked += (await statements(database)) - before;
        commands += (warmUpLives + lives) * commandsOfLife;
      }
      return sample;
    });
    tell(samples, names, '≥ 0.5');
    console.log(
      `statements per command, each a round trip and a transaction, reading and looking for events included: ${(asked / commands).toFixed(2)}`,
    );
    await lag(server.url);
  } finally {
    await database.close();
    await server.dispose();
  }
}

/** From the acknowledgement at one node to the event at another. */
async function lag(store: string): Promise<void> {
  const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'troupe-bench-'))));
  const [one = '', other = ''] = folders;
  const first = await startTroupe([], one, { TROUPE_STORE: store });
  for (const name of ['token', 'tokens.json']) await copyFile(join(one, name), join(other, name));
  const second = await startTroupe([], other, { TROUPE_STORE: store });
  try {
    const writer = await connect(first.url, first.token);
    const follower = await connect(second.url, first.token);
    await follower.request('events.subscribe', {});
    const seen = new Map<string, number>();
    const lags: number[] = [];
    for (let n = 0; n < lagEvents; n++) {
      const { task } = await writer.request('task.create', { title: `lag ${n}` });
      const acknowledged = performance.now();
      await follower.until(() => {
        if (follower.events.at(-1)?.taskId === task.id) seen.set(task.id, performance.now());
        return seen.has(task.id);
      });
      lags.push(Math.max(0, (seen.get(task.id) ?? 0) - acknowledged));
    }
    table(
      ['an event at another node, after the acknowledgement', 'ms'],
      [
        ['p50', median(lags).toFixed(1)],
        ['p99', (lags.toSorted((a, b) => a - b)[Math.ceil(lagEvents * 0.99) - 1] ?? Number.NaN).toFixed(1)],
      ],
    );
    console.log('goal: p99 ≤ 50 ms');
    await writer.close();
    await follower.close();
  } finally {
    await first.stop();
    await second.stop();
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}
