import { createHash } from 'node:crypto';
import type { ArtifactId, TaskId } from '../../src/ids.ts';
import { builtinRoles } from '../../src/specialists/builtin.ts';
import type { ExecutionInput, ExecutionTask, Outcome } from '../../src/specialists/execution.ts';
import { createCatalogue } from '../../src/specialists/role.ts';
import type { CataloguedRole } from '../../src/specialists/role.ts';

/** Inputs from which executions are rendered, from nothing but a title to something in every place. */

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const catalogue = createCatalogue(builtinRoles, sha256);
export const at = Date.UTC(2026, 0, 31, 12);

export function roleOf(key: string): CataloguedRole {
  const found = catalogue.get(key);
  if (found === undefined) throw new Error(`no role ${key}`);
  return found;
}

const padded = (index: number): string => String(index).padStart(26, '0');
export const taskId = (index: number): TaskId => `t_${padded(index)}`;
export const artifactId = (index: number): ArtifactId => `a_${padded(index)}`;
export const bare: ExecutionInput = {
  role: roleOf('implementer'),
  task: {
    id: taskId(1),
    spec: {
      title: 'Read ledgers of 2025',
      description: '',
      type: 'implementation',
      complexity: 'moderate',
      priority: 5,
      acceptance: [],
      context: {},
      estimatedEffort: null,
      dueAt: null,
      maxAttempts: 3,
      rollUp: 'execute',
    },
    attempt: 1,
    revision: 0,
  },
  parent: null,
  dependencies: [],
  children: [],
  notes: [],
  guidance: [],
  attempts: [],
  reviewOf: null,
};

/** The bare task, with some of what it was given. */
export const taskGiven = (given: Partial<ExecutionTask['spec']>): ExecutionTask => ({
  ...bare.task,
  spec: { ...bare.task.spec, ...given },
});

/** An input with something in every place; each text is one of its own. */
export function filled(say: (place: string) => string): ExecutionInput {
  const outcome = (index: number, place: string): Outcome => ({
    taskId: taskId(index),
    title: say(`${place} title`),
    status: 'completed',
    summary: say(`${place} summary`),
    artifacts: [{ id: artifactId(index), type: 'design', name: say(`${place} artifact`), bytes: 5120 }],
  });
  return {
    role: roleOf('implementer'),
    task: {
      ...taskGiven({
        title: say('title'),
        description: say('description'),
        acceptance: [say('first criterion'), say('second criterion')],
        context: { branch: say('branch') },
        estimatedEffort: say('effort'),
        dueAt: at,
      }),
      attempt: 3,
      revision: 1,
      filePaths: [say('file')],
    },
    parent: { id: taskId(2), title: say('parent title'), description: say('parent description') },
    dependencies: [{ ...outcome(3, 'dependency'), kind: 'data' }],
    children: [outcome(4, 'child'), { ...outcome(5, 'failed child'), status: 'failed' }],
    notes: [{ text: say('note'), by: say('note author'), at }],
    guidance: [
      { kind: 'reason', text: say('reason'), by: say('opener'), at },
      { kind: 'feedback', text: say('feedback'), by: say('reviewer'), at },
      { kind: 'answer', question: say('question'), text: say('answer'), by: say('person'), at },
    ],
    attempts: [
      { number: 1, holder: say('first holder'), outcome: 'expired', report: say('first report'), startedAt: at, endedAt: at + 60_000 },
      { number: 2, holder: say('second holder'), outcome: 'failed', report: say('second report'), startedAt: at, endedAt: at + 90_000 },
    ],
    reviewOf: outcome(6, 'subject'),
    blocked: { reason: say('blocked reason'), question: say('blocked question'), answer: say('blocked answer') },
  };
}
