import { expect, test } from 'vitest';
import type { TaskId } from '../../../src/ids.ts';
import { worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

/** Every method that moves a task, tried in every state: what the task allows is accepted, all else is refused and says why. */

const ada = worker('ada');
const bob = worker('bob');

/** Brings a task that depends on `on` (completed) into a state. */
const ways: Readonly<Record<string, (service: CheckedService, taskId: TaskId) => Promise<unknown>>> = {
  pending: async () => {},
  'pending after its lease': async ({ ask, pass }, taskId) => {
    await ask('task.execute', { taskId, leaseMs: 1_000 }, ada);
    await pass(1_000);
    await pass(1_000);
  },
  in_progress: ({ ask }, taskId) => ask('task.execute', { taskId }, ada),
  'blocked with a reason': ({ ask }, taskId) => ask('task.block', { taskId, reason: 'r' }),
  'blocked with a question': ({ ask }, taskId) => ask('task.block', { taskId, question: 'q' }),
  completed: ({ finish }, taskId) => finish(taskId),
  failed: async ({ ask }, taskId) => {
    await ask('task.execute', { taskId }, ada);
    await ask('task.fail', { taskId, error: { message: 'no', retryable: false } }, ada);
  },
  'failed after its lease': async ({ ask, pass }, taskId) => {
    await ask('task.edit', { taskId, set: { maxAttempts: 1 } });
    await ask('task.execute', { taskId, leaseMs: 1_000 }, ada);
    await pass(1_000);
  },
  cancelled: ({ ask }, taskId) => ask('task.cancel', { taskId }),
  archived: async ({ ask, finish }, taskId) => {
    await finish(taskId);
    await ask('task.archive', { taskId });
  },
};

const edges = ['DEPENDENCY_ADD', 'DEPENDENCY_REMOVE', 'DEPENDENCY_WAIVE'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  pending: ['START', 'BLOCK', ...edges, 'CANCEL', 'EDIT', 'NOTE'],
  'pending after its lease': ['START', 'COMPLETE', 'BLOCK', ...edges, 'CANCEL', 'EDIT', 'NOTE'],
  in_progress: ['PROGRESS', 'COMPLETE', 'FAIL', 'BLOCK', 'DEPENDENCY_REMOVE', 'DEPENDENCY_WAIVE', 'CANCEL', 'EDIT', 'NOTE'],
  'blocked with a reason': ['UNBLOCK', ...edges, 'CANCEL', 'EDIT', 'NOTE'],
  'blocked with a question': ['ANSWER', 'UNBLOCK', ...edges, 'CANCEL', 'EDIT', 'NOTE'],
  completed: ['REOPEN', 'NOTE', 'ARCHIVE', 'DELETE'],
  failed: ['CANCEL', 'RETRY', 'NOTE', 'ARCHIVE', 'DELETE'],
  'failed after its lease': ['COMPLETE', 'CANCEL', 'RETRY', 'NOTE', 'ARCHIVE', 'DELETE'],
  cancelled: ['REOPEN', 'NOTE', 'ARCHIVE', 'DELETE'],
  archived: ['DELETE'],
};

type Params = Readonly<Record<string, unknown>> & { readonly dependsOn?: string };

const calls: readonly (readonly [event: string, method: string, params: Params])[] = [
  ['START', 'task.execute', {}],
  ['PROGRESS', 'task.progress', {}],
  ['COMPLETE', 'task.complete', { summary: 's' }],
  ['FAIL', 'task.fail', { error: { message: 'no' } }],
  ['BLOCK', 'task.block', { reason: 'r' }],
  ['ANSWER', 'task.answer', { answer: 'a' }],
  ['UNBLOCK', 'task.unblock', {}],
  ['DEPENDENCY_ADD', 'dependency.add', { dependsOn: 'other' }],
  ['DEPENDENCY_REMOVE', 'dependency.remove', { dependsOn: 'on' }],
  ['DEPENDENCY_WAIVE', 'dependency.waive', { dependsOn: 'on' }],
  ['CANCEL', 'task.cancel', {}],
  ['RETRY', 'task.retry', {}],
  ['REOPEN', 'task.reopen', { reason: 'r' }],
  ['EDIT', 'task.edit', { set: { priority: 1 } }],
  ['NOTE', 'task.note', { text: 'n' }],
  ['ARCHIVE', 'task.archive', {}],
  ['DELETE', 'task.delete', {}],
];

overStores('what a task allows', (start) => {
  test.each(Object.keys(ways))('%s', async (state) => {
    const service = await start();
    const prepare = async () => {
      const id = await service.plan({
        tasks: [
          { ref: 'on', title: 'On' },
          { ref: 'other', title: 'Other' },
          { ref: 'task', title: 'Task', dependsOn: ['on'] },
        ],
      });
      await service.finish(id('on'));
      await ways[state]?.(service, id('task'));
      return id;
    };
    const sent = ({ dependsOn, ...params }: Params, id: (ref: string) => TaskId) => ({
      ...params,
      ...(dependsOn === undefined ? {} : { dependsOn: id(dependsOn) }),
      taskId: id('task'),
    });
    const calm = await prepare();
    const { status, allowed: told } = await service.task(calm('task'));
    expect(told).toEqual(allowed[state]);
    for (const [, method, params] of calls.filter(([event]) => told.includes(event))) {
      const id = await prepare();
      const { rev } = await service.task(id('task'));
      await service.send(method, sent(params, id), ada);
      expect((await service.task(id('task'))).rev).toBe(rev + 1);
    }
    for (const [event, method, params] of calls.filter(([name]) => !told.includes(name))) {
      const refusal = await service.refusedAndUnchanged(method, sent(params, calm), event === 'START' ? bob : ada);
      expect(refusal).toMatchObject({ reason: 'INVALID_TRANSITION', code: 409, from: status, event, allowed: told, taskId: calm('task') });
    }
  });
});
