// A pipeline: what the writer makes a reviewer approves or sends back, and only what was approved is published. Nobody calls anybody:
// each takes what is ready for its role.
//
//   node examples/pipeline.js        with TROUPE_URL and TROUPE_TOKEN: at a service of yours

import assert from 'node:assert/strict';
import { connect } from 'troupe/client';
import { openService } from './support/service.js';

const { url, token, project, close } = await openService();
const client = connect({ url, token, worker: 'press' });

const {
  task: plan,
  tasks,
  position,
} = await client.task.plan({
  title: 'A page about tea',
  project,
  rollUp: 'auto',
  tasks: [
    { ref: 'draft', title: 'Write it', specialist: 'documenter', review: 'reviewer', acceptance: ['It says how hot the water is'] },
    // Waits for the review too: a draft that is sent back is no draft to publish.
    { ref: 'publish', title: 'Publish it', specialist: 'devops', dependsOn: ['draft'] },
  ],
});

/** What a task made last. @param {import('troupe/client').Task['id']} taskId */
async function textOf(taskId) {
  const newest = (await client.artifact.list({ taskId })).items.at(-1);
  if (newest === undefined) throw new Error('nothing was written');
  return (await client.artifact.get({ artifactId: newest.id })).content;
}

const writer = await client.work({ project, specialist: ['documenter'] }, ({ task }) => {
  // On the first round there is no feedback.
  const text = task.feedback === null ? 'Pour water on the leaves.' : 'Pour water of 80 °C on the leaves.';
  return { summary: `Draft ${task.revision + 1}`, detailedWork: text, artifactType: 'documentation', acceptance: [{ met: true }] };
});

const reviewer = await client.work({ project, specialist: ['reviewer'] }, async ({ task }) => {
  if (task.reviewOf === null) throw new Error('there is nothing to review');
  if (/\d °C/.test(await textOf(task.reviewOf))) return { summary: 'Approved', acceptance: [{ met: true }] };
  return { summary: 'Sent back', nextAction: 'needs_revision', feedback: 'How hot?', acceptance: [{ met: false }] };
});

/** @type {string[]} */
const published = [];
const publisher = await client.work({ project, specialist: ['devops'] }, async ({ context }) => {
  const [draft] = context.dependencies;
  if (draft === undefined) throw new Error('there is nothing to publish');
  published.push(await textOf(draft.taskId));
  return 'Published';
});

/** @type {string[]} */
const story = [];
const names = new Map(Object.entries(tasks).map(([name, id]) => [id, name]));
for await (const item of client.events({ rootId: plan.id }, { since: position })) {
  if (item.kind !== 'event') continue;
  const { type, taskId } = item.event;
  if (taskId === plan.id && type === 'task.completed') break;
  if (taskId !== null && /completed|revision/.test(type)) story.push(`${names.get(taskId)} ${type.replace('task.', '')}`);
}
await Promise.all([writer, reviewer, publisher].map((worker) => worker.stop()));

assert.deepEqual(story, [
  'draft completed',
  'draft:review revision_requested',
  'draft revision_requested',
  'draft completed',
  'draft:review completed',
  'publish completed',
]);
assert.deepEqual(published, ['Pour water of 80 °C on the leaves.']);
console.log('pipeline: a draft was sent back once, approved, and only then published');

await client.close();
await close();
