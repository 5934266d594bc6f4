import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Link } from '../../src/client/link.ts';
import type { TaskId } from '../../src/ids.ts';
import { startChildFor } from '../support/child.ts';
import { buildCommand } from '../support/command.ts';
import { compile } from '../support/compile.ts';
import { randomFrom } from '../support/random.ts';
import { builtLink, ownedDirectory } from './owned.ts';

/** Several agents on one project. `AGENT_COMMANDS=1000` gives each a thousand commands, `SEED=…` repeats where the owner is killed. */

const agents = 4;
const commands = Number(process.env['AGENT_COMMANDS'] ?? 60);
/** Answers between two kills, about. */
const killEvery = 80;
const deadlineMs = 500_000;
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));

let command: string;
let program: string;
beforeAll(async () => {
  [command, program] = await Promise.all([buildCommand(), compile('test/client/agent-child.ts')]);
});

interface Line {
  readonly made?: TaskId;
  readonly title?: string;
  readonly claimed?: TaskId;
  readonly completed?: TaskId;
}

async function allTasks(link: Link) {
  const found = new Map<TaskId, { readonly title: string | undefined; readonly status: string | undefined }>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const next: string = cursor;
    const page = await link.call('task.list', {
      fields: ['id', 'title', 'status'],
      limit: 1_000,
      ...(next === '' ? {} : { cursor: next }),
    });
    for (const { id, title, status } of page.items) found.set(id, { title, status });
    cursor = page.nextCursor;
  }
  return found;
}

test(
  'agents of several processes, their owner killed at random: nothing is lost, and nothing done or claimed twice',
  { timeout: 600_000 },
  async () => {
    console.log(`SEED=${seed} AGENT_COMMANDS=${commands}`);
    const random = randomFrom(seed);
    const owned = await ownedDirectory();
    const children = Array.from({ length: agents }, (_, n) =>
      startChildFor(deadlineMs, program, join(dirname(command), 'open-link.js'), owned.data, `agent-${n}`, String(commands)),
    );
    const lines: Line[] = [];
    let kills = 0;
    const next = (): number => lines.length + 1 + Math.floor(random() * 2 * killEvery);
    let killAt = next();
    await Promise.all(
      children.map(async ({ ended, onLine }) => {
        onLine((line) => {
          lines.push(JSON.parse(line) as Line);
          if (lines.length < killAt) return;
          killAt = next();
          void owned.kill().then((killed) => (kills += Number(killed)));
        });
        expect(await ended).toBe(0);
      }),
    );
    console.log(`${lines.length} commands, ${kills} kills`);
    expect(kills).toBeGreaterThan(0);

    const made = lines.flatMap(({ made: id, title }) => (id === undefined ? [] : [`${id} ${title}`]));
    const claimed = lines.flatMap(({ claimed: id }) => id ?? []);
    const completed = lines.flatMap(({ completed: id }) => id ?? []);
    const expected = Math.ceil(commands / 4 / 3) * 4 * agents;
    expect([made.length, claimed.length, completed.length]).toEqual([expected, expected, expected]);

    const { link } = (await builtLink(command))({ data: owned.data });
    const tasks = await allTasks(link);
    // Every task that was told is there under its title, and no command made a second one.
    expect([...tasks].map(([id, { title }]) => `${id} ${title}`).sort()).toEqual(made.sort());
    expect(new Set([...tasks.values()].map(({ title }) => title)).size).toBe(expected);
    // Nobody was told of a task that somebody else had got.
    expect(new Set(claimed).size).toBe(expected);
    expect(completed.sort()).toEqual(claimed.sort());
    // Nor does the log know of a second start or end.
    const histories = await Promise.all([...tasks.keys()].map(async (taskId) => (await link.call('task.history', { taskId })).items));
    const ways = new Set(histories.map((events) => events.map(({ type }) => type).join(' ')));
    expect(ways).toEqual(new Set(['task.created task.started task.completed']));
  },
);
