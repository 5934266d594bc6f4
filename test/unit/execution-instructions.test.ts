import { describe, expect, test } from 'vitest';
import type { LeaseId } from '../../src/ids.ts';
import type { Guidance } from '../../src/machines/context.ts';
import { aliases, methods } from '../../src/protocol/methods.ts';
import { renderExecution } from '../../src/specialists/context.ts';
import type { DependencyOutcome, ExecutionInput } from '../../src/specialists/execution.ts';
import { artifactId, at, bare, catalogue, taskGiven, taskId } from '../support/execution-inputs.ts';

describe('instructions and next steps', () => {
  const dependency: DependencyOutcome = {
    taskId: taskId(3),
    title: 'Design',
    status: 'completed',
    kind: 'completion',
    summary: null,
    artifacts: [{ id: artifactId(3), type: 'design', name: 'd.md', bytes: 1 }],
  };
  const attempt = (outcome: 'failed' | 'expired'): ExecutionInput['attempts'] => [
    { number: 1, holder: 'w', outcome, report: 'stopped', startedAt: at, endedAt: at },
  ];
  const guided = (kind: Guidance['kind']): ExecutionInput => ({ ...bare, guidance: [{ kind, text: 'so', by: 'ann', at }] });
  const situations = {
    first: bare,
    dependencies: { ...bare, dependencies: [dependency, { ...dependency, taskId: taskId(4), status: 'failed', kind: 'related' }] },
    failed: { ...bare, attempts: attempt('failed') },
    expired: { ...bare, attempts: attempt('expired') },
    feedback: guided('feedback'),
    answer: guided('answer'),
    reason: guided('reason'),
    synthesis: { ...bare, children: [dependency, { ...dependency, taskId: taskId(4), status: 'failed' }] },
    autoSynthesis: { ...bare, task: taskGiven({ rollUp: 'auto' }), children: [dependency] },
    review: { ...bare, reviewOf: dependency },
    approval: { ...bare, task: taskGiven({ type: 'approval' }) },
    milestone: { ...bare, task: taskGiven({ type: 'milestone' }) },
    large: { ...bare, task: taskGiven({ complexity: 'very_complex' }) },
    acceptance: { ...bare, task: taskGiven({ acceptance: ['a', 'b', 'c'] }) },
    question: { ...bare, blocked: { reason: null, question: 'Which?', answer: null } },
    blocked: { ...bare, blocked: { reason: 'No access.', question: null, answer: null } },
  } satisfies Record<string, ExecutionInput>;
  const textOf = (name: keyof typeof situations): string => renderExecution(situations[name]).instructions.join('\n');

  test('differ by situation', () => {
    const all = Object.keys(situations).map((name) =>
      renderExecution(Object.entries(situations).find(([key]) => key === name)?.[1] ?? bare),
    );
    expect(new Set(all.map(({ instructions }) => instructions.join('\n'))).size).toBe(all.length);
  });

  test.each([
    ['first', 'No acceptance criteria were given'],
    ['first', 'artifactType "code"'],
    ['dependencies', `artifact.get: ${artifactId(3)}, ${artifactId(3)}.`],
    ['dependencies', `not completed: ${taskId(4)}.`],
    ['failed', 'Attempt 1 failed'],
    ['expired', 'lease of attempt 1 ran out'],
    ['feedback', 'newest feedback'],
    ['answer', 'newest answer'],
    ['reason', 'newest reason'],
    ['synthesis', 'All 2 children have ended'],
    ['synthesis', `failed or were cancelled: ${taskId(4)}.`],
    ['autoSynthesis', 'completes by itself'],
    ['review', `Judge the work of ${taskId(3)}`],
    ['review', `"needs_revision" opens ${taskId(3)} again`],
    ['approval', '"approved" or "refused"'],
    ['milestone', 'begin no new work'],
    ['large', 'nextAction "continue"'],
    ['acceptance', 'each of the 3 acceptance criteria'],
    ['question', 'waits for a person'],
    ['blocked', 'it is blocked for the reason'],
  ] as const)('%s: %s', (name, part) => {
    expect(textOf(name)).toContain(part);
    const canWork = name !== 'blocked' && name !== 'question';
    expect(/task\.progress[^]*task\.block[^]*task\.fail[^]*task\.complete/.test(textOf(name))).toBe(canWork);
  });

  test('name at most a dozen ids, and say how many more there are', () => {
    const dependencies = Array.from({ length: 100 }, () => dependency);
    expect(
      renderExecution({ ...bare, dependencies })
        .instructions.join('\n')
        .match(/a_0+3/g),
    ).toHaveLength(12);
    expect(renderExecution({ ...bare, dependencies }).instructions.join('\n')).toContain('and 88 more');
  });

  test.each(Object.entries(situations))('name only methods that exist, with parameters that they take: %s', (_, input) => {
    const { context, instructions, nextSteps } = renderExecution(input);
    const lease: LeaseId = `l_${'0'.repeat(26)}`;
    const names = [context, ...instructions, ...nextSteps].join('\n').match(/\b(?:task|artifact|dependency|specialist)\.[a-z]+/g) ?? [];
    expect(names.filter((name) => !(name in methods) || name in aliases)).toEqual([]);
    const calls = nextSteps.flatMap((step) => [...step.matchAll(/(\w+\.\w+) (\{.*?\})(?= |$)/g)]);
    expect(calls.length).toBeGreaterThanOrEqual(nextSteps.length);
    for (const [, name = '', params = ''] of calls) {
      const schema = Object.entries(methods).find(([method]) => method === name)?.[1].input;
      expect(schema?.safeParse(JSON.parse(params.replace('<lease>', lease))).error, `${name} ${params}`).toBeUndefined();
    }
  });

  test("ask the role's own questions", () => {
    for (const given of catalogue.list()) expect(renderExecution({ ...bare, role: given }).prompts).toEqual(given.prompts);
  });
});
