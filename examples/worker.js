// A worker: it takes what is ready, two tasks at a time, says how far it is, and what it returns is the work. What it throws fails the
// attempt: some errors are worth another one, some are not.
//
//   node examples/worker.js        with TROUPE_URL and TROUPE_TOKEN: at a service of yours

import assert from 'node:assert/strict';
import { TerminalError, connect } from 'troupe/client';
import { openService } from './support/service.js';

const { url, token, project, close } = await openService();
const client = connect({ url, token, worker: 'counter' });

const worker = await client.work(
  { project },
  async (run, signal) => {
    const { task } = run;
    // The plan itself comes last, to bring together what its tasks have found.
    if (task.parentId === null) {
      const { outcomes } = await client.task.synthesize({ taskId: task.id });
      return String(outcomes.reduce((sum, { summary }) => sum + Number(summary ?? 0), 0));
    }
    const { text } = task.context;
    if (typeof text !== 'string') throw new TerminalError('there is no text');
    if (task.attempt === 1 && text.includes('dreams')) throw new Error('the counter sleeps');
    const words = text.split(' ');
    for (const n of words.keys()) {
      // Aborts when the task was cancelled, or somebody else has it.
      signal.throwIfAborted();
      await run.progress({ value: n + 1, total: words.length });
    }
    return { summary: String(words.length), detailedWork: words.join('\n') };
  },
  { concurrency: 2, onError: (error, run) => console.log(run.task.title, String(error)) },
);

const {
  task: plan,
  tasks,
  position,
} = await client.task.plan({
  title: 'Count words',
  project,
  tasks: [
    { ref: 'hamlet', title: 'Hamlet', context: { text: 'to be or not to be' } },
    { ref: 'tempest', title: 'The Tempest', context: { text: 'we are such stuff as dreams are made on' } },
    { ref: 'silence', title: 'The rest' },
  ],
});
for await (const item of client.events({ taskId: plan.id }, { since: position }))
  if (item.kind === 'event' && item.event.data['status'] === 'completed') break;
await worker.stop();

const { items } = await client.task.list({
  filter: { ids: Object.values(tasks) },
  fields: ['title', 'status', 'attempt', 'result', 'artifacts', 'progress'],
});
const found = Object.fromEntries(items.map(({ title, ...task }) => [title, task]));
assert.deepEqual([found['Hamlet']?.status, found['Hamlet']?.attempt, found['Hamlet']?.result?.summary], ['completed', 1, '6']);
assert.deepEqual(
  [found['The Tempest']?.status, found['The Tempest']?.attempt, found['The Tempest']?.result?.summary],
  ['completed', 2, '9'],
);
assert.deepEqual([found['The rest']?.status, found['The rest']?.attempt], ['failed', 1]);
assert.equal(found['Hamlet']?.progress?.value, 6);
const [artifact] = found['Hamlet']?.artifacts ?? [];
assert(artifact);
assert.equal((await client.artifact.get({ artifactId: artifact.id })).content, 'to\nbe\nor\nnot\nto\nbe');
assert.equal((await client.task.get({ taskId: plan.id })).task.result?.summary, '15');
console.log('worker: 15 words counted, one attempt failed and was made again, one task given up');

await client.close();
await close();
