import { getAdjacencyMap, getShortestPaths, getSimplePaths } from 'xstate/graph';
import { describe, expect, test } from 'vitest';
import { newContext } from '../../src/machines/birth.ts';
import type { TaskContext, TaskSpec, TaskState } from '../../src/machines/context.ts';
import type { TaskEventName } from '../../src/machines/events.ts';
import { rows } from '../../src/machines/guards.ts';
import { taskMachine } from '../../src/machines/task.ts';
import { limits, statuses } from '../../src/protocol/values.ts';
import { noon, taskId, taskSpec } from '../support/records.ts';
import { entryOn, eventsFor, parent, subject } from './machine-events.ts';
import type { LabelledEvent } from './machine-events.ts';
import { checkState, checkStep, send, stateOf, walkable } from './machine-walk.ts';
import type { Snapshot, Step, Transition } from './machine-walk.ts';

/**
 * Walks the task machine with `xstate/graph`: every event in every state, states told apart by what the guards read.
 * Node loads XState's production build; its development build checks more, and is walked by
 * `NODE_OPTIONS=--conditions=development vitest run test/model/machine-paths.test.ts`.
 */

const lifecycle: readonly TaskEventName[] = [
  'START',
  'PROGRESS',
  'COMPLETE',
  'COMPLETE.continue',
  'COMPLETE.needs_revision',
  'COMPLETE.blocked',
  'FAIL',
  'TIMER',
  'BLOCK',
  'ANSWER',
  'UNBLOCK',
  'CANCEL',
  'RETRY',
  'REOPEN',
  'ARCHIVE',
  'DELETE',
];

interface Scenario {
  readonly name: string;
  readonly follows: readonly TaskEventName[];
  readonly spec?: Partial<TaskSpec>;
  readonly context?: Partial<TaskContext>;
}

const scenarios: readonly Scenario[] = [
  { name: 'a task with a due date', follows: lifecycle, spec: { dueAt: noon + 60_000 } },
  { name: 'a task with acceptance criteria and one attempt', follows: lifecycle, spec: { acceptance: ['works'], maxAttempts: 1 } },
  {
    name: 'a task that waits for others',
    follows: ['DEPENDENCY_ADD', 'DEPENDENCY_REMOVE', 'DEPENDENCY_WAIVE', 'DEPENDENCY_CHANGED', 'START', 'COMPLETE', 'BLOCK'],
    context: { dependsOn: [entryOn()] },
  },
  {
    name: 'a parent',
    follows: ['CHILD_CHANGED', 'START', 'COMPLETE', 'CANCEL', 'REOPEN', 'ARCHIVE'],
  },
  {
    name: 'a parent that rolls up',
    follows: ['CHILD_CHANGED', 'START', 'FAIL', 'TIMER', 'BLOCK', 'CANCEL'],
    spec: { rollUp: 'auto' },
  },
  { name: 'a review', follows: lifecycle, spec: { type: 'review', reviewOf: subject } },
  { name: 'the subject of a review', follows: [...lifecycle, 'REVISE', 'EDIT', 'NOTE'], spec: { review: 'reviewer', reviewId: subject } },
  {
    name: 'a task full of notes',
    follows: ['START', 'CANCEL', 'COMPLETE'],
    context: { notes: Array.from({ length: limits.notes }, () => ({ text: 'n', by: 'someone', at: noon })) },
  },
];

function startOf({ spec, context }: Scenario): TaskState {
  const born = newContext(taskSpec(parent, { parentId: parent, depth: 1, maxAttempts: 2, ...spec }));
  const dependents = { direct: [taskId(60)], inherited: [taskId(61)] };
  return { value: 'pending', context: { ...born, dependents, ...context } };
}

/** What the guards read, bounded, so that the walk ends. */
function essence({ value, context }: TaskState): string {
  const { lease, failures, notBefore, dependsOn, children, blocked, spec, marks } = context;
  return JSON.stringify([
    value,
    lease === null ? 'none' : lease.expired ? 'expired' : 'held',
    Math.min(failures, spec.maxAttempts),
    notBefore !== null,
    dependsOn.map(({ status, waived, direct, via }) => [status, waived, direct, via.length]),
    Object.values(children).map((count) => Math.min(count, 2)),
    blocked === null ? null : [blocked.question !== null, blocked.answer !== null],
    spec.dueAt !== marks.dueAnnounced,
    marks.deletedBy !== null,
  ]);
}

const bounded = ({ context }: TaskState, { label }: LabelledEvent): boolean =>
  label !== 'CHILD_CHANGED new' || Object.values(context.children).reduce((sum, count) => sum + count, 0) < 2;

const fromStart = (scenario: Scenario) => {
  const { value, context } = startOf(scenario);
  return taskMachine.resolveState({ value, context });
};

const optionsFor = (scenario: Scenario) => ({
  fromState: fromStart(scenario),
  events: (snapshot: Snapshot) =>
    eventsFor(stateOf(snapshot)).filter((event) => scenario.follows.includes(event.type) && bounded(stateOf(snapshot), event)),
  serializeState: (snapshot: Snapshot) => essence(stateOf(snapshot)),
  serializeEvent: (event: LabelledEvent) => event.label,
});

const walked = new Map<Scenario, readonly Step[]>();

/** Every event in every state that the scenario reaches. */
function stepsOf(scenario: Scenario): readonly Step[] {
  let steps = walked.get(scenario);
  if (steps === undefined) {
    const states = Object.values(getAdjacencyMap(walkable, optionsFor(scenario))).map(({ state }) => stateOf(state));
    steps = states.flatMap((state) => eventsFor(state).map((event) => send(state, event)));
    walked.set(scenario, steps);
  }
  return steps;
}

const labelsOf = ({ steps }: { readonly steps: readonly { readonly event: object }[] }): readonly string[] =>
  steps.flatMap(({ event }) => ('label' in event && typeof event.label === 'string' ? [event.label] : []));

/** Sends the same events again to one live task, with payloads that fit what it is by then. */
function replay(start: TaskState, labels: readonly string[]): void {
  let state = start;
  for (const label of labels) {
    const event = eventsFor(state).find((known) => known.label === label);
    // Between states that look the same the way can be closed, for example by a pause that is longer this time.
    if (event === undefined) return;
    const step = send(state, event);
    checkStep(step);
    state = step.after ?? state;
  }
}

describe.each(scenarios)('$name', (scenario) => {
  test('every event in every state is taken without a refusal, or refused with one', () => {
    const steps = stepsOf(scenario);
    expect(steps.length).toBeGreaterThan(200);
    for (const step of steps) checkStep(step);
  });

  test('the shortest path to every state can be walked by one task', () => {
    const start = startOf(scenario);
    checkState(start);
    const paths = getShortestPaths(walkable, optionsFor(scenario)).map(labelsOf);
    expect(paths.length).toBeGreaterThan(3);
    const starts = (path: readonly string[]) => (other: readonly string[]) =>
      other.length > path.length && path.every((label, index) => other[index] === label);
    for (const path of paths) if (!paths.some(starts(path))) replay(start, path);
  });

  test('and so can every way through the statuses that visits none twice', () => {
    const options = {
      ...optionsFor(scenario),
      serializeState: ({ value, context }: Snapshot) => `${value} ${context.lease?.expired} ${typeof context.blocked?.question}`,
      filterEvents: (snapshot: Snapshot, event: LabelledEvent) => walkable.transition(snapshot, event).value !== snapshot.value,
    };
    const paths = getSimplePaths(walkable, options).map(labelsOf);
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) replay(startOf(scenario), path);
  });
});

test('all of it together takes every transition of the machine, and meets every guard of every event', () => {
  const steps = scenarios.flatMap(stepsOf);
  expect(new Set(steps.map(({ before }) => before.value))).toEqual(new Set(statuses));

  const nodes = [taskMachine.root, ...Object.values(taskMachine.root.states)];
  const ways = nodes.flatMap((node) => [...[...node.transitions.values()].flat(), ...(node.always ?? [])]);
  const taken = new Set<Transition>(steps.flatMap((step) => step.taken));
  const nameOf = ({ source, eventType, target, actions }: Transition) =>
    `${source.key}: ${eventType} → ${target?.[0]?.key ?? 'same'} (${JSON.stringify(actions)})`;
  expect(ways.filter((way) => !taken.has(way)).map(nameOf)).toEqual([]);
  expect(ways.length).toBeGreaterThan(70);

  const met = new Set(steps.map(({ event, refusal }) => `${event.type} ${refusal?.details.guard}`));
  const guards = Object.entries(rows).flatMap(([event, row]) => row.map((guard) => `${event} ${guard}`));
  expect(guards.length).toBeGreaterThan(25);
  expect(guards.filter((guard) => !met.has(guard))).toEqual([]);
});
