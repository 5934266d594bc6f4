import { describe, expect, test } from 'vitest';
import { builtinTemplates, exampleTemplates } from '../../../src/templates/builtin.ts';
import { topics } from '../../../src/templates/limits.ts';
import type { JsonObject } from '../../../src/protocol/values.ts';
import { overStores } from '../../integration/use-cases/checked-service.ts';

/** The default library is used as it is, so every template of it must make real work. */

const parameters: Readonly<Record<string, JsonObject>> = {
  feature: { feature: 'Import of contacts', project_name: 'Atlas', purpose: 'Sales people bring their own address books.' },
  'api-endpoint': { feature: 'Export', project_name: 'Atlas', purpose: 'Partners fetch their data at night.', style: 'rest', public: true },
  'bug-fix': { summary: 'Umlauts are lost', component: 'import', report: 'I imported a file and Grün became Gr?n.', severity: 'high' },
  refactoring: { target: 'the parser', goal: 'another dialect takes a day', steps: 4 },
  release: { product: 'Atlas', release_version: '2.4.0-rc.1', channels: ['npm', 'docker'] },
  'technology-comparison': { question: 'Which queue?', candidates: ['one', 'two'], must_have: ['a licence that allows it'] },
  'research-report': { question: 'How do teams keep plans short?', audience: 'the heads of three teams' },
  article: { subject: 'Queues', readers: 'people who wait' },
  'business-case': { proposal: 'A second office', decided_by: 'the board, in May' },
  'process-improvement': { process: 'answering tickets', aim: 'the first answer comes within an hour' },
  retrospective: { period: 'March', changes: 2 },
  'learn-skill': { skill: 'Chess', proof: 'Win against the neighbour.' },
};

test('there is a template for each topic, three at least for development, and parameters for each here', () => {
  expect(Object.keys(parameters).toSorted()).toEqual([...builtinTemplates.keys()].toSorted());
  expect(exampleTemplates.every((id) => builtinTemplates.has(id))).toBe(true);
});

overStores('the default library', (start) => {
  test('covers every topic', async () => {
    const { ask } = await start();
    const { byTopic, broken, available } = await ask('template.status', {});
    expect([Object.keys(byTopic).toSorted(), broken, available]).toEqual([[...topics].toSorted(), 0, builtinTemplates.size]);
    expect(byTopic['development']?.available).toBeGreaterThanOrEqual(3);
  });

  describe.each(Object.entries(parameters))('%s', (id, given) => {
    test('makes tasks that can be worked through from the first to the last', async () => {
      const { ask, task, finish } = await start();
      const preview = await ask('template.instantiate', { id, parameters: given });
      const {
        tasks,
        created,
        order,
        task: top,
      } = await ask('template.instantiate', { id, parameters: given, createTasks: true, commandId: 'once' });
      expect(order).toEqual(preview.order);
      expect(new Set(order.flat())).toEqual(new Set(Object.keys(tasks)));
      expect(created).toBe(Object.keys(tasks).length + 1);
      const made = await Promise.all(Object.values(tasks).map(task));
      const texts = [top, ...made].flatMap((one) => [one?.title, one?.description, one?.estimatedEffort, ...(one?.acceptance ?? [])]);
      expect(texts.join('\n')).not.toMatch(/[{}]|undefined|\[object/);
      // A specialist of its own, a description, and something to be held against, for nearly every task.
      expect(made.every((one) => one.description !== '' || one.rollUp === 'auto')).toBe(true);
      let done = 0;
      for (let next = (await ask('task.next', {})).task; next !== null; next = (await ask('task.next', {})).task) {
        const { acceptance } = await task(next.id);
        await finish(next.id, { acceptance: acceptance.map(() => ({ met: true })) });
        done += 1;
        expect(done).toBeLessThan(100);
      }
      expect(await task(top?.id ?? 't_')).toMatchObject({ status: 'completed', children: { open: 0 } });
    });
  });
});
