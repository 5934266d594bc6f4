// A live list: the tasks of a project as a map that is always as the service has it.
//
//   node examples/live-list.js        with TROUPE_URL and TROUPE_TOKEN: at a service of yours

import assert from 'node:assert/strict';
import { connect } from 'troupe/client';
import { openService } from './support/service.js';

const { url, token, project, close } = await openService();
const client = connect({ url, token, worker: 'cook' });

const view = await client.view({ filter: { project }, fields: ['title', 'status', 'progress'], batchMs: 0 });
const draw = () => {
  const rows = [...view.items.values()].map(({ title, status }) => `${title}: ${status}`);
  console.log(`[${view.state}] ${rows.sort().join(' · ')}`);
};
const stopDrawing = view.subscribe(draw);

const tasks = [
  { ref: 'boil', title: 'Boil water' },
  { title: 'Pour it', dependsOn: ['boil'] },
];
const { task: tea } = await client.task.plan({ title: 'Tea', project, rollUp: 'auto', tasks });
const completed = () => [...view.items.values()].filter(({ status }) => status === 'completed').length;
const finished = new Promise((resolve) => view.subscribe(() => completed() === 3 && resolve(null)));

const cook = await client.work({ project }, async (run) => {
  for (let value = 1; value <= 3; value += 1) await run.progress({ value, total: 3 });
  return 'Done';
});
await finished;

assert.equal(view.items.get(tea.id)?.status, 'completed');
assert(tasks.every(({ title }) => [...view.items.values()].some((row) => row.title === title && row.progress?.value === 3)));
console.log('live list: three tasks on their way to their end');
stopDrawing();
await cook.stop();
await client.close();
await close();
