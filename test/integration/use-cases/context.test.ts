import { expect, test } from 'vitest';
import { builtinRoles } from '../../../src/specialists/builtin.ts';
import { roles, worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';

const ada = worker('ada');
const bob = worker('bob');

overStores('task.context', (start) => {
  test.each(builtinRoles.map(({ key }) => key))('is that of the %s', async (key) => {
    const { ask, create } = await start();
    const { specialist, instructions } = await ask('task.execute', { taskId: await create({ specialist: key }) }, ada);
    const role = roles.get(key);
    expect(specialist).toMatchObject({ type: key, name: role?.name, hash: role?.hash, prompts: role?.prompts });
    expect([role?.definition, ...(role?.approach ?? [])].every((text) => specialist.context.includes(text ?? ' '))).toBe(true);
    expect(instructions.join('\n')).toContain(`approach of the role ${key}`);
  });

  test('results, summaries and artifacts of what the task depends on', async () => {
    const { ask, plan, finish } = await start();
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'Research' },
        { ref: 'b', title: 'Unrelated' },
        { ref: 'c', title: 'Build', dependsOn: ['a'] },
      ],
    });
    const [artifact] = (await finish(id('a'), { summary: 'three sources', detailedWork: 'all three', artifactType: 'analysis' })).artifacts;
    const run = await ask('task.execute', { taskId: id('c') }, ada);
    expect(run.dependencies).toEqual([
      {
        taskId: id('a'),
        title: 'Research',
        status: 'completed',
        summary: 'three sources',
        artifacts: [{ id: artifact?.id, type: 'analysis', name: 'analysis.md', bytes: 9 }],
      },
    ]);
    expect(run.specialist.context).toContain('> three sources');
    expect(run.specialist.context).toContain(`${artifact?.id}: analysis, "analysis.md", 9 bytes`);
    expect(run.specialist.context).not.toContain('Unrelated');
    expect(run.nextSteps[0]).toBe(`artifact.get {"artifactId":"${artifact?.id}"}, then the others`);
  });

  test('what the parent wants, and for a synthesis what its children brought', async () => {
    const { ask, plan, finish } = await start();
    const id = await plan({
      title: 'The release',
      description: 'Out by May',
      tasks: [
        { ref: 'a', title: 'Build' },
        { ref: 'b', title: 'Announce' },
      ],
    });
    expect((await ask('task.context', { taskId: id('a') })).specialist.context).toContain('> Out by May');
    await finish(id('a'), { summary: 'built it' });
    await ask('task.cancel', { taskId: id('b') });
    const run = await ask('task.execute', { taskId: id('') }, ada);
    expect(run.task.stage).toBe('synthesis');
    expect(run.specialist.context).toContain('2 in all: 1 completed, 1 cancelled.');
    expect(run.specialist.context).toContain('> built it');
    expect(run.instructions.join('\n')).toContain(`Say what is missing because these failed or were cancelled: ${id('b')}`);
  });

  test('reports of earlier attempts: failed, run out, sent back, and who made them', async () => {
    const { ask, create, pass } = await start();
    const taskId = await create({ maxAttempts: 9 });
    await ask('task.execute', { taskId }, ada);
    await ask('task.fail', { taskId, error: { message: 'the disk was full' } }, ada);
    await pass(1_000);
    await ask('task.execute', { taskId, leaseMs: 5_000 }, bob);
    await ask('task.progress', { taskId, message: 'read half of it' }, bob);
    await pass(5_000);
    await pass(60_000);
    await ask('task.execute', { taskId }, ada);
    await ask(
      'task.complete',
      { taskId, summary: 'a first version', nextAction: 'needs_revision', feedback: 'too slow', filePaths: ['src/a.ts'] },
      ada,
    );
    const { specialist, task, instructions } = await ask('task.execute', { taskId }, bob);
    expect(task.attempt).toBe(4);
    for (const said of [
      /### Attempt 1: failed, by "test\/ada", .*\n> the disk was full/,
      /### Attempt 2: expired, by "test\/bob", .*\n> read half of it/,
      /### Attempt 3: revision, by "test\/ada", .*\n> a first version/,
      /### Feedback from "test\/ada", .*\n> too slow/,
      /## Files\n\nNamed by earlier work on this task:\n> src\/a.ts/,
    ])
      expect(specialist.context).toMatch(said);
    expect(specialist.context).not.toContain('### Attempt 4');
    expect(instructions[0]).toContain('newest feedback');
  });

  test('acceptance criteria, given context and effort', async () => {
    const { ask, create } = await start();
    const taskId = await create({ acceptance: ['reads it all', 'in a second'], context: { branch: 'main' }, estimatedEffort: '2 days' });
    const { specialist, instructions, nextSteps } = await ask('task.context', { taskId });
    for (const said of ['Criterion 2:\n> in a second', '"branch": "main"', '- Estimated effort: "2 days"'])
      expect(specialist.context).toContain(said);
    expect(instructions.join('\n')).toContain('each of the 2 acceptance criteria');
    expect(nextSteps.join('\n')).toContain('"acceptance":[{"met":true');
  });

  test('is read in every state without a change, and shows a lease only while it runs', async () => {
    const { ask, create, finish, log } = await start();
    const taskId = await create();
    expect((await ask('task.context', { taskId })).lease).toBeNull();
    const { lease } = await ask('task.execute', { taskId }, ada);
    expect((await ask('task.context', { taskId }, bob)).lease).toEqual(lease);
    await ask('task.complete', { taskId, summary: 's', nextAction: 'blocked', feedback: 'no key' }, ada);
    expect((await ask('task.context', { taskId })).instructions).toEqual([expect.stringContaining('it is blocked')]);
    await ask('task.unblock', { taskId });
    await finish(taskId);
    await ask('task.delete', { taskId });
    const { end } = log;
    expect((await ask('task.context', { taskId })).lease).toBeNull();
    expect(log.end).toBe(end);
  });
});
