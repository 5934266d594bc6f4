import { expect, test } from 'vitest';
import { isLit } from '../../src/dashboard/state-machines/lit.ts';
import type { Standing } from '../../src/dashboard/state-machines/lit.ts';
import { diagramOf } from '../../src/machines/diagram.ts';
import { allowedEvents } from '../../src/machines/refusal.ts';
import { allowedSessionEvents } from '../../src/machines/session-refusal.ts';
import { newContext } from '../../src/machines/birth.ts';
import { newSession } from '../../src/machines/session-context.ts';
import { sessionStatuses, statuses } from '../../src/protocol/values.ts';
import type { SessionStatus, Status } from '../../src/protocol/values.ts';
import { leaseId, noon, taskId, taskSpec } from '../support/records.ts';

/** From what a task says that it accepts now, from a table of their own. */

const attribute = (element: string, name: string): string | undefined =>
  new RegExp(`data-${name}="([^"]*)"`).exec(element)?.[1]?.replace('&gt;', '>');

/** What of the picture is lit: states and events by the rule, arrows that have a lit event written on them. */
function lit(machine: 'task' | 'session', standing: Standing) {
  const svg = diagramOf(machine, 'svg') ?? '';
  const litIn = (text: string): string[] =>
    (text.match(/<[^>]*data-(?:state|event)="[^>]*>/g) ?? []).filter((element) =>
      isLit(standing, { state: attribute(element, 'state'), event: attribute(element, 'event'), from: attribute(element, 'from') }),
    );
  const edges = (svg.match(/<g class="edge".*?<\/g>/gs) ?? []).filter((edge) => litIn(edge).length > 0);
  return {
    states: litIn(svg).flatMap((element) => attribute(element, 'state') ?? []),
    edges: edges.flatMap((edge) => attribute(edge, 'edge') ?? []).toSorted(),
    events: [...new Set(litIn(svg).flatMap((element) => attribute(element, 'event') ?? []))].toSorted(),
  };
}

const fresh = newContext(taskSpec(taskId(1)));
const lease = {
  id: leaseId(1),
  holder: 'ada/w',
  grantedAt: noon,
  expiresAt: noon + 1_000,
  lengthMs: 1_000,
  renewedAt: noon,
  expired: false,
};
const contexts: Readonly<Partial<Record<Status, object>>> = {
  in_progress: { lease },
  blocked: { blocked: { reason: null, question: 'Which colour?', answer: null } },
};
const wanted: Readonly<Record<Status, { edges: string[]; events: string[] }>> = {
  pending: {
    edges: ['pending->in_progress', 'pending->blocked', 'pending->cancelled'],
    events: ['START', 'BLOCK', 'DEPENDENCY_ADD', 'DEPENDENCY_REMOVE', 'DEPENDENCY_WAIVE', 'CANCEL', 'EDIT', 'NOTE'],
  },
  in_progress: {
    edges: ['in_progress->completed', 'in_progress->pending', 'in_progress->blocked', 'in_progress->failed', 'in_progress->cancelled'],
    events:
      'PROGRESS COMPLETE COMPLETE.continue COMPLETE.needs_revision COMPLETE.blocked FAIL BLOCK DEPENDENCY_REMOVE DEPENDENCY_WAIVE CANCEL EDIT NOTE'.split(
        ' ',
      ),
  },
  blocked: {
    edges: ['blocked->pending', 'blocked->cancelled'],
    events: ['ANSWER', 'UNBLOCK', 'DEPENDENCY_ADD', 'DEPENDENCY_REMOVE', 'DEPENDENCY_WAIVE', 'CANCEL', 'EDIT', 'NOTE'],
  },
  completed: { edges: ['completed->pending', 'completed->archived'], events: ['REOPEN', 'NOTE', 'ARCHIVE', 'DELETE'] },
  failed: {
    edges: ['failed->cancelled', 'failed->pending', 'failed->archived'],
    events: ['CANCEL', 'RETRY', 'NOTE', 'ARCHIVE', 'DELETE'],
  },
  cancelled: { edges: ['cancelled->pending', 'cancelled->archived'], events: ['REOPEN', 'NOTE', 'ARCHIVE', 'DELETE'] },
  archived: { edges: [], events: ['DELETE'] },
};

test.each(statuses)('a task that is %s', (status) => {
  const allowed = allowedEvents({ value: status, context: { ...fresh, ...contexts[status] } }, noon);
  const { edges, events } = wanted[status];
  expect(lit('task', { status, allowed })).toEqual({ states: [status], edges: edges.toSorted(), events: events.toSorted() });
});

test('nothing is lit that a guard of the task holds back: a parent of open children cannot start', () => {
  const waiting = { ...fresh, children: { ...fresh.children, open: 1 } };
  const { edges, events } = lit('task', { status: 'pending', allowed: allowedEvents({ value: 'pending', context: waiting }, noon) });
  expect(edges).toEqual(['pending->blocked', 'pending->cancelled']);
  expect(events).not.toContain('START');
});

const sessionEdges: Readonly<Record<SessionStatus, string[]>> = {
  active: ['active->paused', 'active->completed'],
  paused: ['paused->active', 'paused->completed'],
  completed: ['completed->active', 'completed->archived'],
  archived: [],
};

test.each(sessionStatuses)('a session that is %s', (value) => {
  const context = newSession({ project: 'web', title: 't', workingDirectory: null, context: {}, createdAt: noon, createdBy: 'eve' });
  const { states, edges } = lit('session', { status: value, allowed: allowedSessionEvents({ value, context }) });
  expect([states, edges]).toEqual([[value], sessionEdges[value].toSorted()]);
});

test('a status or an event that this diagram does not know lights nothing', () => {
  expect(lit('task', { status: 'melted', allowed: ['START'] })).toEqual({ states: [], edges: [], events: [] });
  expect(lit('task', { status: 'archived', allowed: ['MELT'] })).toEqual({ states: ['archived'], edges: [], events: [] });
});
