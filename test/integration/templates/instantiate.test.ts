import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTemplates } from '../../../src/config/templates.ts';
import { createMemoryStore } from '../../../src/persistence/memory/store.ts';
import { createManualClock } from '../../support/service.ts';
import { connect, RefusedError } from '../../support/client.ts';
import { temporaryDirectory } from '../../support/data-directory.ts';
import { textOf } from '../../support/templates.ts';
import { startTroupe } from '../../stream/service.ts';
import { overStores, settle } from '../use-cases/checked-service.ts';

/** From a template to tasks: once, all of them, whatever becomes of the template. */

const text = textOf({
  parameters: "{ who: {}, list: { type: 'array', default: [] } }",
  tasks: "{ a: { title: 'A {{who}}', review: 'reviewer', checklist: '{{list}}' }, b: { title: 'B', dependencies: ['a'] } }",
});

overStores('template.instantiate', (start) => {
  test('the same command makes the same tasks once, also when they are sent at once, or the template is another or gone', async () => {
    const data = await temporaryDirectory();
    const { ask, refused, store } = await start({ templates: openTemplates(data) });
    await ask('template.create', { id: 'two', content: text });
    const params = { id: 'two', parameters: { who: 'Ada' }, createTasks: true, commandId: 'once' };
    const { answers, reasons } = await settle([1, 2, 3].map(() => ask('template.instantiate', params)));
    expect([reasons, answers.filter(({ repeated }) => repeated === true).length]).toEqual([[], 2]);
    const first = answers.find(({ repeated }) => repeated !== true);
    expect(first).toMatchObject({
      created: 4,
      template: { id: 'two', category: 'user', version: '1.0.0' },
      parameters: { who: 'Ada', list: [] },
    });
    expect(Object.keys(first?.tasks ?? {}).toSorted()).toEqual(['a', 'a:review', 'b']);
    const again = async () => {
      const { plan, repeated, position: _position, task, ...rest } = await ask('template.instantiate', params);
      expect([plan, repeated, task?.id]).toEqual([null, true, first?.task?.id]);
      expect(rest).toEqual({
        template: first?.template,
        parameters: first?.parameters,
        order: first?.order,
        created: first?.created,
        tasks: first?.tasks,
      });
    };
    await again();
    await writeFile(join(data, 'templates/user/two.json5'), textOf({ tasks: "{ other: { title: 'Other' } }" }));
    await again();
    await rm(join(data, 'templates'), { recursive: true });
    await again();
    expect((await store.counts()).byStatus.pending).toBe(4);
    for (const other of [{ parameters: { who: 'Bob' } }, { id: 'three' }, { project: 'x' }])
      expect(await refused('template.instantiate', { ...params, ...other })).toMatchObject({ reason: 'COMMAND_REUSED' });
    expect(await refused('task.plan', { title: 'x', commandId: 'once' })).toMatchObject({ reason: 'COMMAND_REUSED' });
  });

  test('below a parent, in its project, or in one of its own', async () => {
    const { ask, create, task, refusedAndUnchanged } = await start();
    const parameters = { period: 'May' };
    const parentId = await create({ project: 'p' });
    const below = await ask('template.instantiate', { id: 'retrospective', parameters, createTasks: true, parentId });
    expect(below.task).toMatchObject({ parentId, project: 'p', rootId: parentId });
    expect((await task(parentId)).children.open).toBe(1);
    expect((await ask('template.instantiate', { id: 'retrospective', parameters, createTasks: true, project: 'q' })).task).toMatchObject({
      project: 'q',
      parentId: null,
    });
    expect(
      await refusedAndUnchanged('template.instantiate', { id: 'retrospective', parameters, createTasks: true, parentId, project: 'q' }),
    ).toMatchObject({
      reason: 'INVALID_PARAMS',
      issues: [{ path: 'project' }],
    });
    expect(
      await refusedAndUnchanged('template.instantiate', {
        id: 'retrospective',
        parameters,
        createTasks: true,
        parentId: `t_${'0'.repeat(26)}`,
      }),
    ).toMatchObject({
      reason: 'TASK_NOT_FOUND',
    });
    expect(
      await refusedAndUnchanged('template.instantiate', { id: 'retrospective', parameters: { periode: 'May' }, createTasks: true }),
    ).toMatchObject({
      reason: 'INVALID_PARAMS',
      issues: [{ path: 'parameters.periode' }, { path: 'parameters.period' }],
    });
  });

  test('is one unit: when the store refuses it, no task is there', async () => {
    const clock = createManualClock();
    const store = createMemoryStore({ clock });
    const { ask, refused } = await start({ store, unchecked: true });
    await ask('template.instantiate', { id: 'feature', parameters: { feature: 'One', project_name: 'P', purpose: 'x'.repeat(10) } });
    await store.close();
    expect(
      await refused('template.instantiate', {
        id: 'feature',
        parameters: { feature: 'One', project_name: 'P', purpose: 'x'.repeat(10) },
        createTasks: true,
      }),
    ).toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  });
});

test('over a socket, with real files: create, list, instantiate, work, delete', async () => {
  const { url, token, data } = await startTroupe();
  const client = await connect(url, token);
  const content = await readFile('fixtures/templates/onboarding.json5', 'utf8');
  expect(await client.request('template.create', { id: 'onboarding', content })).toMatchObject({ written: true });
  expect(await readFile(join(data, 'templates/user/onboarding.json5'), 'utf8')).toBe(content);
  expect((await client.request('template.list', { category: 'user' })).items).toMatchObject([
    { id: 'onboarding', valid: true, name: 'Onboard {{newcomer}}' },
  ]);
  await client.request('events.subscribe', {});
  const parameters = { newcomer: 'Ada', project_name: 'Atlas', systems: ['mail'] };
  const { tasks, created, order, position } = await client.request('template.instantiate', {
    id: 'onboarding',
    parameters,
    createTasks: true,
  });
  expect([created, order[0]]).toEqual([8, ['access', 'people']]);
  // One unit: all that it made is shown at the place that it answered, and not before.
  await client.until(() => client.events.filter(({ type }) => type === 'task.created').length === created);
  expect(client.events.find((event) => event.position === position)).toBeDefined();
  const access = tasks['access'];
  if (access === undefined) throw new Error('a task is missing');
  const { specialist } = await client.request('task.execute', { taskId: access });
  expect(specialist.context).toContain('Give Ada (developer) access');
  const failure: unknown = await client
    .request('template.instantiate', { id: 'onboarding', parameters: { newcomer: 'A' } })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RefusedError);
  expect((failure as RefusedError).data.issues).toEqual([
    { path: 'parameters.newcomer', message: 'fewer than 2 characters' },
    { path: 'parameters.project_name', message: 'is missing: string, What they come to' },
  ]);
  await client.request('template.delete', { id: 'onboarding' });
  expect((await client.request('template.list', { category: 'user' })).items).toEqual([]);
  await client.close();
});
