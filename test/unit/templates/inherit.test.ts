import { describe, expect, test } from 'vitest';
import { faultsOf, refusalOf, templateOf, textOf } from '../../support/templates.ts';
import { instantiate } from '../../../src/templates/instantiate.ts';
import { rehearse } from '../../../src/templates/rehearse.ts';

/** What a template has of the one that it extends, and the plan that becomes of it. */

const base = textOf({
  metadata:
    "{ name: 'Base', version: '3.0.0', description: 'b', category: 'research', tags: ['base'], complexity: 'simple', author: 'Ada' }",
  parameters: "{ p: { description: 'from base', default: 'x' }, q: { type: 'number', default: 1 } }",
  variables: "{ v: 'base {{p}}' }",
  tasks: `{
    first: { title: 'First {{p}}', description: 'of {{v}}', specialist_type: 'analyst', checklist: ['one', 'two'] },
    group: { title: 'Group', dependencies: ['first'], children: { inner: { title: 'Inner', priority: 9 }, other: { title: 'Other' } } },
    last: { title: 'Last', dependencies: ['group'] },
  }`,
  milestones: "{ done: { title: 'Done', dependencies: ['last'] } }",
  deliverables: "{ paper: { title: 'Paper', task: 'last' }, talk: 'A talk' }",
});
const meta = "{ name: 'Own', version: '1.0.0', description: 'o', extends: 'base' }";

describe('a template that extends another', () => {
  test('has all of it, but for the name', () => {
    const { metadata, parameters, variables, tasks, milestones, deliverables } = templateOf(textOf({ metadata: meta, tasks: '{}' }), base);
    const whole = templateOf(base);
    expect({ parameters, variables, tasks, milestones, deliverables }).toEqual({
      parameters: whole.parameters,
      variables: whole.variables,
      tasks: whole.tasks,
      milestones: whole.milestones,
      deliverables: whole.deliverables,
    });
    expect(metadata).toEqual({
      name: 'Own',
      version: '1.0.0',
      description: 'o',
      extends: 'base',
      category: 'research',
      tags: ['base'],
      complexity: 'simple',
    });
  });

  test('changes what it gives, adds what is new, and takes away with null', () => {
    const own = textOf({
      metadata: meta.replace(' }', ", tags: ['own'] }"),
      parameters: "{ p: { default: 'y' }, q: null, r: { type: 'boolean', default: true } }",
      variables: "{ v: 'own {{p}}' }",
      tasks: `{
        first: { specialist_type: 'tester', checklist: ['three'] },
        group: { children: { inner: { title: 'Changed' }, other: null, new: { title: 'New' } } },
        extra: { title: 'Extra' },
      }`,
      deliverables: "{ paper: { title: 'Longer paper' }, talk: null }",
    });
    const { metadata, parameters, variables, tasks, deliverables } = templateOf(own, base);
    expect(metadata.tags).toEqual(['own']);
    expect(parameters).toMatchObject({ p: { description: 'from base', default: 'y', required: false }, r: { type: 'boolean' } });
    expect([Object.keys(parameters), variables]).toEqual([['p', 'r'], { v: 'own {{p}}' }]);
    expect(tasks['first']).toEqual({ title: 'First {{p}}', description: 'of {{v}}', specialist_type: 'tester', checklist: ['three'] });
    expect(tasks['group']?.children).toEqual({ inner: { title: 'Changed', priority: 9 }, new: { title: 'New' } });
    expect(Object.keys(tasks)).toEqual(['first', 'group', 'last', 'extra']);
    expect(deliverables).toEqual({ paper: { title: 'Longer paper', task: 'last' } });
  });

  test('over several: each over the one below it', () => {
    const middle = textOf({ metadata: meta, tasks: "{ last: { title: 'Middle' }, first: null, group: { dependencies: [] } }" });
    const top = textOf({ metadata: meta, tasks: "{ first: { title: 'Back' }, last: { priority: 1 } }" });
    const { tasks } = templateOf(top, middle, base);
    expect(tasks['last']).toEqual({ title: 'Middle', dependencies: ['group'], priority: 1 });
    // What was taken away is begun anew.
    expect(tasks['first']).toEqual({ title: 'Back' });
  });

  test('is blamed for its own faults, and the other one for its own', () => {
    const own = (tasks: string) => textOf({ metadata: meta, tasks });
    expect(faultsOf(own('{ nothing: null }'), base)).toEqual([
      'tasks.nothing (3): null takes away what is inherited, and nothing of this key is',
    ]);
    expect(faultsOf(textOf({ tasks: '{ a: null }' }))[0]).toContain('null takes away what is inherited');
    expect(faultsOf(textOf({ tasks: "{ a: { title: 'A', children: { b: null } } }" }))[0]).toContain(
      'tasks.a.children.b (3): null takes away',
    );
    expect(faultsOf(own('{ group: null }'), base)).toEqual([
      '1.json5: tasks.last.dependencies[0] (6): no task or milestone has the key "group"; there are first, last, done',
    ]);
    expect(faultsOf(own("{ first: { dependencies: ['last'] } }"), base)[0]).toMatch(/the tasks would wait for each other: /);
    expect(faultsOf(own("{ first: { specialist_type: 'wizard' } }"), base)).toEqual([
      'tasks.first.specialist_type (3): there is no specialist "wizard"',
    ]);
    expect(faultsOf(textOf({ metadata: meta, tasks: '{}' }), base.replace('analyst', 'wizard'))).toEqual([
      '1.json5: tasks.first.specialist_type (4): there is no specialist "wizard"',
    ]);
    expect(
      refusalOf(() => templateOf(textOf({ metadata: meta, tasks: '{}' }), base.replace('base {{p}}', 'base {{z}}'))).message,
    ).toContain('1.json5: variables.v');
  });
});

test('the plan of a template: groups roll up by themselves, checklists and deliverables are criteria, milestones are tasks', () => {
  const { plan, parameters } = instantiate(templateOf(base), { p: 'P' }, { id: 'base', category: 'user' });
  expect(parameters).toEqual({ p: 'P', q: 1 });
  expect(plan).toMatchObject({
    title: 'Base',
    type: 'breakdown',
    specialist: 'coordinator',
    complexity: 'simple',
    tags: ['base'],
    rollUp: 'execute',
    acceptance: ['Deliverable: A talk'],
    context: {
      template: { id: 'base', category: 'user', version: '3.0.0', parameters, tasks: ['first', 'group', 'inner', 'other', 'last', 'done'] },
    },
    tasks: [
      { ref: 'first', title: 'First P', description: 'of base P', specialist: 'analyst', acceptance: ['one', 'two'], rollUp: 'execute' },
      { ref: 'group', type: 'breakdown', rollUp: 'auto', dependsOn: ['first'], tasks: [{ ref: 'inner', priority: 9 }, { ref: 'other' }] },
      { ref: 'last', dependsOn: ['group'], acceptance: ['Deliverable: Paper'] },
      { ref: 'done', type: 'milestone', specialist: 'coordinator', dependsOn: ['last'] },
    ],
  });
  expect(rehearse(plan)).toEqual([['first'], ['inner', 'other'], ['group'], ['last'], ['done']]);
  const plain = instantiate(templateOf(textOf()), {}, { id: 'small', category: 'user' }).plan;
  expect([plain.rollUp, plain.acceptance, plain.tasks?.[0]?.specialist]).toEqual(['auto', [], 'generic']);
});
