import { createActor } from 'xstate';
import { expect, test } from 'vitest';
import { fixOf } from '../../src/fixes.ts';
import { machineDescriptions } from '../../src/machines/diagram.ts';
import { newSession } from '../../src/machines/session-context.ts';
import type { SessionEventName, SessionMachineEvent, SessionState } from '../../src/machines/session-context.ts';
import { allowedSessionEvents, sessionRefusalOf } from '../../src/machines/session-refusal.ts';
import { sessionMachine } from '../../src/machines/session.ts';
import { sessionStatuses } from '../../src/protocol/values.ts';
import type { SessionStatus } from '../../src/protocol/values.ts';
import { noon } from '../support/records.ts';
import { sessionId } from '../support/session-records.ts';

/** Every state of a session against every event, from a table of their own. */

const at = noon + 5_000;
const stamp = { at, by: 'ada' };
const events: Readonly<Record<SessionEventName, SessionMachineEvent>> = {
  PAUSE: { type: 'PAUSE', reason: 'lunch', ...stamp },
  RESUME: { type: 'RESUME', ...stamp },
  COMPLETE: { type: 'COMPLETE', summary: 'all done', open: 0, ...stamp },
  ARCHIVE: { type: 'ARCHIVE', left: 0, ...stamp },
};
const names = ['PAUSE', 'RESUME', 'COMPLETE', 'ARCHIVE'] as const;

const ways: Readonly<Record<SessionStatus, Partial<Record<SessionEventName, SessionStatus>>>> = {
  active: { PAUSE: 'paused', COMPLETE: 'completed' },
  paused: { RESUME: 'active', COMPLETE: 'completed' },
  completed: { RESUME: 'active', ARCHIVE: 'archived' },
  archived: {},
};

const spec = { project: 'web', title: 'Importer', workingDirectory: '/w', context: { goal: 1 }, createdAt: noon, createdBy: 'eve' };
const fresh = newSession(spec);
const states: Readonly<Record<SessionStatus, SessionState>> = {
  active: { value: 'active', context: fresh },
  paused: { value: 'paused', context: { ...fresh, pause: { reason: 'lunch', by: 'bob', at: noon + 1 } } },
  completed: { value: 'completed', context: { ...fresh, summary: 'once', marks: { updatedAt: noon + 2, completedAt: noon + 2 } } },
  archived: { value: 'archived', context: { ...fresh, marks: { updatedAt: noon + 3, completedAt: noon + 2 } } },
};

/** The state after the event; null when it was not taken. */
function take({ value, context }: SessionState, event: SessionMachineEvent): SessionState | null {
  const actor = createActor(sessionMachine, { input: context, snapshot: sessionMachine.resolveState({ value, context }) }).start();
  const before = actor.getSnapshot();
  actor.send(event);
  const after = actor.getSnapshot();
  return after === before ? null : { value: after.value, context: after.context };
}

const cases = sessionStatuses.flatMap((status) => names.map((name) => ({ status, name, target: ways[status][name] })));

test.each(cases.filter(({ target }) => target !== undefined))('a session that is $status takes $name', ({ status, name, target }) => {
  expect(sessionRefusalOf(sessionId(1), states[status], events[name])).toBeNull();
  expect(take(states[status], events[name])).toMatchObject({ value: target, context: { spec, marks: { updatedAt: at } } });
});

test.each(cases.filter(({ target }) => target === undefined))('a session that is $status refuses $name', ({ status, name }) => {
  expect(take(states[status], events[name])).toBeNull();
  const refusal = sessionRefusalOf(sessionId(1), states[status], events[name]);
  expect(refusal).toMatchObject({
    reason: 'INVALID_TRANSITION',
    details: { sessionId: sessionId(1), from: status, event: name, allowed: names.filter((event) => event in ways[status]) },
  });
  expect(fixOf(refusal!).length).toBeGreaterThan(10);
});

test.each(sessionStatuses)('a session that is %s allows what it takes', (status) => {
  expect([...allowedSessionEvents(states[status])].toSorted()).toEqual(Object.keys(ways[status]).toSorted());
});

test.each(['active', 'paused'] as const)('a session that is %s does not complete over open tasks, and says how many', (status) => {
  const event: SessionMachineEvent = { type: 'COMPLETE', summary: null, open: 3, ...stamp };
  expect(take(states[status], event)).toBeNull();
  expect(sessionRefusalOf(sessionId(1), states[status], event)).toMatchObject({
    reason: 'SESSION_UNFINISHED',
    details: { from: status, event: 'COMPLETE', guard: 'tasksFinished', open: 3 },
  });
});

test('a session is not archived before its tasks', () => {
  const event: SessionMachineEvent = { type: 'ARCHIVE', left: 1, ...stamp };
  expect(take(states.completed, event)).toBeNull();
  expect(sessionRefusalOf(sessionId(1), states.completed, event)).toMatchObject({
    reason: 'SESSION_UNFINISHED',
    details: { guard: 'tasksArchived' },
  });
});

test('what was said is kept: who paused and why, the summary, when it ended', () => {
  expect(take(states.active, events.PAUSE)?.context.pause).toEqual({ reason: 'lunch', by: 'ada', at });
  expect(take(states.paused, events.RESUME)?.context.pause).toBeNull();
  expect(take(states.paused, events.COMPLETE)?.context).toMatchObject({ pause: null, summary: 'all done', marks: { completedAt: at } });
  const again = take(states.completed, events.RESUME);
  expect(again?.context).toMatchObject({ summary: 'once', marks: { completedAt: null } });
  const quiet: SessionMachineEvent = { type: 'COMPLETE', summary: null, open: 0, ...stamp };
  expect(again === null || again === undefined ? null : take(again, quiet)?.context.summary).toBe('once');
});

test('the service shows the machine with its guards', () => {
  const machine = machineDescriptions.get('session');
  expect(machine).toMatchObject({ id: 'session', version: 1, initial: 'active', states: [...sessionStatuses] });
  expect(machine?.transitions).toContainEqual({ from: 'completed', event: 'ARCHIVE', to: 'archived', guards: ['tasksArchived'] });
  expect(machine?.mermaid).toContain('    active --> paused: PAUSE\n');
});
