import { describe, expect, it } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import { worker } from '../support/service.ts';
import { outcome, services } from './nodes.ts';
import { databaseUrl } from './schemas.ts';

/** Nodes that do the same, or the opposite, at the same moment: who wins, and what the others are told. */

const rounds = Number(process.env['ROUNDS'] ?? 60);
const pairs = Number(process.env['PAIRS'] ?? rounds);
const [one, other] = [worker('one'), worker('other')];

describe.skipIf(databaseUrl === null).each([2, 3])('%i nodes', { timeout: 600_000 }, (count) => {
  it(`opposite events at once: one wins and the others are told the real state, ${rounds} times`, async () => {
    const { nodes } = await services(count);
    const [a, b, c] = nodes;
    for (let round = 0; round < rounds; round++) {
      const { task } = await a!.ask('task.create', { title: `round ${round}` });
      await a!.ask('task.execute', { taskId: task.id }, one);
      const results = await Promise.all([
        outcome(a!.ask('task.complete', { taskId: task.id, summary: 'done', detailedWork: 'all of it' }, one)),
        outcome(b!.ask('task.cancel', { taskId: task.id, reason: 'no' }, other)),
        ...(c === undefined ? [] : [outcome(c.ask('task.complete', { taskId: task.id, summary: 'also done' }, one))]),
      ]);
      const refused = results.filter((result) => result instanceof TroupeError);
      expect(refused).toHaveLength(count - 1);
      const { task: after } = await b!.ask('task.get', { taskId: task.id });
      expect(['completed', 'cancelled']).toContain(after.status);
      for (const refusal of refused) expect(refusal).toMatchObject({ reason: 'INVALID_TRANSITION', details: { from: after.status } });
    }
  });

  it(`the same task executed on all: one has it, ${rounds} times`, async () => {
    const { nodes } = await services(count);
    for (let round = 0; round < rounds; round++) {
      const { task } = await nodes[0]!.ask('task.create', { title: `round ${round}` });
      const results = await Promise.all(nodes.map((node, n) => outcome(node.ask('task.execute', { taskId: task.id }, worker(`w${n}`)))));
      expect(results.filter((result) => result instanceof TroupeError)).toHaveLength(count - 1);
    }
  });

  it(`the same command on all: applied once and answered alike, a plan too, ${rounds} times`, async () => {
    const { nodes } = await services(count);
    for (let round = 0; round < rounds; round++) {
      const commandId = `plan-${round}`;
      const plans = await Promise.all(
        nodes.map((node) =>
          node.ask('task.plan', {
            commandId,
            title: 'Plan',
            tasks: [
              { ref: 'x', title: 'X' },
              { title: 'Y', dependsOn: ['x'] },
            ],
          }),
        ),
      );
      for (const { tasks } of plans) expect(tasks).toEqual(plans[0]!.tasks);
      const id = plans[0]!.tasks['x']!;
      const runs = await Promise.all(nodes.map((node) => node.ask('task.execute', { taskId: id, commandId: `run-${round}` }, one)));
      expect(new Set(runs.map(({ lease }) => lease.id)).size).toBe(1);
      const { items } = await nodes[1]!.ask('task.history', { taskId: id });
      expect(items.map(({ type }) => type)).toEqual(['task.created', 'task.started']);
    }
  });

  it('workers of all nodes who ask for work at once get each task once, and all of them', async () => {
    const { nodes } = await services(count);
    const made = await Promise.all(Array.from({ length: 120 }, (_, n) => nodes[n % count]!.ask('task.create', { title: `task ${n}` })));
    const claimed: string[] = [];
    const workers = Array.from({ length: 30 }, async (_, n) => {
      for (;;) {
        const got = await outcome(nodes[n % count]!.ask('task.claim', {}, worker(`w${n}`)));
        if (!(got instanceof TroupeError)) claimed.push(got.task.id);
        else if (got.reason === 'NOTHING_READY') return;
        else throw got;
      }
    });
    await Promise.all(workers);
    expect(claimed.toSorted()).toEqual(made.map(({ task }) => task.id).toSorted());
  });

  it(`the last children completed at the same moment: the parent can always be executed, ${pairs} times`, async () => {
    const { nodes } = await services(count);
    for (let round = 0; round < pairs; round++) {
      const { tasks, task: root } = await nodes[0]!.ask('task.plan', {
        title: `Plan ${round}`,
        tasks: nodes.map((_, n) => ({ ref: `child-${n}`, title: `Child ${n}` })),
      });
      const children = nodes.map((node, n) => [node, tasks[`child-${n}`]!, worker(`w${n}`)] as const);
      await Promise.all(children.map(([node, taskId, by]) => node.ask('task.execute', { taskId }, by)));
      await Promise.all(children.map(([node, taskId, by]) => node.ask('task.complete', { taskId, summary: 'done' }, by)));
      const { task } = await nodes[round % count]!.ask('task.execute', { taskId: root.id }, one);
      expect([task.status, task.children]).toEqual(['in_progress', { open: 0, completed: count, failed: 0, cancelled: 0 }]);
    }
  });
});
