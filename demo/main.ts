import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Params, ReceivedEvent } from '../test/support/client.ts';
import { Line } from './line.ts';
import { Service } from './service.ts';
import { tell } from './story.ts';
import { script, work } from './worker.ts';
import type { Play } from './worker.ts';

/** A real plan, three workers, a person, and a service that is killed in the middle. */

const fixture = (name: string) => readFile(fileURLToPath(new URL(`../../fixtures/plans/${name}`, import.meta.url)), 'utf8');
const write = (line: string) => console.log(line);
const heading = (line: string) => write(`\n── ${line} ${'─'.repeat(Math.max(0, 90 - line.length))}\n`);

const plan = JSON.parse(await fixture('csv-importer.json')) as Params<'task.plan'>;
const parts = script.parse(JSON.parse(await fixture('csv-importer.work.json')));
const data = await mkdtemp(join(tmpdir(), 'troupe-demo-'));
const service = new Service(data);
await service.start();

const person = new Line(service, 'person');
const planned = await person.command('task.plan', plan);
const rootId = planned.task.id;
const names = new Map(Object.entries(planned.tasks).map(([name, id]) => [id as string, name.endsWith(':review') ? 'review' : name]));
names.set(rootId, 'root');
const titles = new Map<string, string>([[rootId, planned.task.title]]);
for (const { id, title } of (await person.read('task.list', { filter: { rootId }, limit: 100 })).items) titles.set(id, title ?? id);

heading(`${plan.title}: ${names.size} tasks in ${planned.order.length} levels`);
planned.order.forEach((level, index) => write(`  ${index + 1}  ${level.map((id) => titles.get(id) ?? id).join(' · ')}`));
heading('Live');

/** Follows the events; after the kill it goes on where it was. */
const seen: ReceivedEvent[] = [];
const play: Play = { rootId, nameOf: (taskId) => names.get(taskId) ?? taskId, script: parts };
const end = { reached: false };
const story = { titleOf: (taskId: string) => titles.get(taskId) ?? taskId, write, colour: process.stdout.isTTY };

async function follow(): Promise<void> {
  const line = new Line(service, 'watcher');
  let since = planned.position;
  while (!end.reached) {
    const client = await line.client();
    let read = 0;
    const take = () => {
      for (; read < client.events.length; read++) {
        const event = client.events[read];
        if (event === undefined) continue;
        since = event.position;
        seen.push(event);
        tell(story, event);
        if (event.type === 'task.blocked' && event.taskId !== null) void answer(event.taskId);
        if (event.taskId === rootId && event.type === 'task.completed') end.reached = true;
      }
      return end.reached;
    };
    const { mode } = await client.request('events.subscribe', { since, filter: { rootId } });
    if (mode !== 'resumed') throw new Error('an event was lost');
    await client.until(take, 600_000).catch(() => undefined);
    take();
  }
  await line.close();
}

async function answer(taskId: NonNullable<ReceivedEvent['taskId']>): Promise<void> {
  await pause(400);
  await person.command('task.answer', { taskId, answer: 'Yes, and tell them before.' });
}

/** Half of the tasks are done, several are under way: the worst moment. */
async function killInTheMiddle(): Promise<void> {
  while (seen.filter((event) => event.type === 'task.completed').length < 4) await pause(20);
  const pid = service.pid;
  await service.kill();
  write(`\n             ☠ the service was killed (kill -9 ${pid}); starting it again on the same directory\n`);
  await service.start();
}

const workers = ['ada', 'grace', 'edsger'].map((name) => new Line(service, name));
await Promise.all([follow(), killInTheMiddle(), ...workers.map((line) => work(line, play))]);

heading('Synthesis');
const digest = await person.read('task.synthesize', { taskId: rootId });
for (const { title, status, summary } of digest.outcomes) write(`  ${status === 'completed' ? '✔' : '✘'} ${title}\n      ${summary ?? ''}`);
const { task: root } = await person.read('task.get', { taskId: rootId });
write(`\n  ${root.result?.summary ?? ''}`);
const { completed, total } = digest.metrics;
write(`\n  ${completed} of ${total} children completed, ${digest.artifacts.length} artifacts, one kill, ${seen.length} events, none lost:`);
const revs = new Map<string, number>();
let gaps = 0;
for (const { taskId, rev } of seen) {
  if (taskId === null) continue;
  const before = revs.get(taskId);
  if (before !== undefined && rev !== before + 1) gaps++;
  revs.set(taskId, rev);
}
write(`  every task's revisions arrived in order, ${gaps === 0 ? 'without a gap' : `with ${gaps} GAPS`}\n`);

for (const line of [person, ...workers]) await line.close();
await service.stop();
await rm(data, { recursive: true, force: true });
process.exitCode = gaps === 0 && completed === total ? 0 : 1;
