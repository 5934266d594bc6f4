import type { openLink as OpenLink } from '../../src/cli/open-link.ts';

/**
 * An agent as a process of its own: arguments are the built `open-link.js`, the data directory, its name and how many commands it gives.
 * Four at a time it makes a task, claims one, whoever made it, and completes what it got; each answer is a line.
 */

const [module = '', data = '', name = '', commands = '0'] = process.argv.slice(2);
const { openLink } = (await import(module)) as { openLink: typeof OpenLink };
const { link } = openLink({ data, client: { name, version: '1' }, idleExit: '20s' });
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const lanes = 4;
const rounds = Math.ceil(Number(commands) / lanes / 3);

await Promise.all(
  Array.from({ length: lanes }, async (_, lane) => {
    for (let n = 0; n < rounds; n += 1) {
      const title = `${name}-${lane}-${n}`;
      const made = await link.call('task.create', { title });
      tell({ made: made.task.id, title });
      // As many are made before as are claimed, so one is free for everyone.
      const got = await link.call('task.claim', { waitMs: 20_000 });
      tell({ claimed: got.task.id });
      const done = await link.call('task.complete', { taskId: got.task.id, summary: name, detailedWork: title });
      tell({ completed: done.task.id });
    }
  }),
);
await link.close();
