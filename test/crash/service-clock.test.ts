import { beforeAll, expect, test } from 'vitest';
import { connect } from '../support/client.ts';
import { buildCommand } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { serve } from './service-run.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const hour = 3_600_000;

/** The environment of a process that takes the time for another one. */
function shifted(ms: number): NodeJS.ProcessEnv {
  const program = `const now = Date.now; Date.now = () => now() + ${ms};`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` };
}

test('the built service bears a clock that is set while it is down, forwards and backwards', async () => {
  const data = await temporaryDirectory();
  const serveAt = async (shift: number) => {
    const service = await serve(command, data, shifted(shift));
    const client = await connect(service.url, service.token, { worker: 'ada' });
    const kill = async () => {
      service.child.kill('SIGKILL');
      await service.exit;
    };
    return { client, kill };
  };
  const first = await serveAt(0);
  const dueAt = new Date(Date.now() + hour).toISOString();
  const { task: due, position } = await first.client.request('task.create', { title: 'Due', dueAt });
  const { task: held } = await first.client.request('task.create', { title: 'Held' });
  const { lease } = await first.client.request('task.execute', { taskId: held.id, leaseMs: 60_000 });
  await first.kill();

  const later = await serveAt(5 * hour);
  expect((await later.client.request('events.subscribe', { since: position })).mode).toBe('resumed');
  // Time was looked at, and found that the task is due; the lease, over for hours, is kept for its worker to come back.
  await later.client.until(() => later.client.events.some(({ type, taskId }) => type === 'task.due' && taskId === due.id));
  expect((await later.client.request('task.get', { taskId: held.id })).task).toMatchObject({ status: 'in_progress', lease });
  const { task: completed } = await later.client.request('task.complete', { taskId: held.id, summary: 'done', lease: lease.id });
  expect(Date.parse(completed.updatedAt)).toBeGreaterThan(Date.now() + 4 * hour);
  await later.kill();

  const earlier = await serveAt(-5 * hour);
  expect((await earlier.client.request('task.get', { taskId: held.id })).task).toEqual(completed);
  const { task: note } = await earlier.client.request('task.note', { taskId: held.id, text: 'written before it was made' });
  expect(Date.parse(note.updatedAt)).toBeLessThan(Date.parse(note.createdAt));
  await earlier.kill();

  const last = await serveAt(0);
  expect((await last.client.request('task.get', { taskId: held.id })).task).toEqual(note);
  const { items } = await last.client.request('task.history', { taskId: held.id });
  expect(items.map(({ rev }) => rev)).toEqual(items.map((_, n) => n + 1));
  expect((await last.client.request('system.status', {})).store).toMatchObject({ writable: true, problems: [] });
});
