import { expect, test } from 'vitest';
import { envelopeProblem, recordProblem } from '../../src/machines/envelope.ts';
import { newTask, taskId } from '../support/records.ts';
import { sessionId, sessionRecord } from '../support/session-records.ts';

const record = newTask(taskId(1));

test('a record of this version has no problem, whatever its context holds beside the spec', () => {
  expect(envelopeProblem(record)).toBeNull();
  expect(envelopeProblem({ ...record, snapshot: { value: 'pending', context: { spec: {} } } })).toBeNull();
  expect(envelopeProblem({ ...record, later: 'member' })).toBeNull();
});

test('a record is one that an actor can be made of when its whole context is there', () => {
  expect(recordProblem(record)).toBeNull();
  for (const member of Object.keys(record.snapshot.context)) {
    const torn = JSON.parse(JSON.stringify(record).replace(`"${member}":`, `"${member}_":`));
    expect(recordProblem(torn)).toContain(`snapshot.context.${member}`);
  }
});

test('a session is one under an id of its own kind, and its context is looked at whole', () => {
  const session = sessionRecord(sessionId(1));
  expect(envelopeProblem(session)).toBeNull();
  expect(envelopeProblem({ ...session, id: record.id })).toMatch(/^id: /);
  expect(envelopeProblem({ ...session, snapshot: { ...session.snapshot, value: 'pending' } })).toMatch(/^snapshot.value: /);
  const { marks: _, ...torn } = session.snapshot.context;
  expect(envelopeProblem({ ...session, snapshot: { value: 'active', context: torn } })).toMatch(/^snapshot.context.marks: /);
});

test.each([
  ['format', { format: 2 }],
  ['kind', { kind: 'plan' }],
  ['id', { id: 't_1' }],
  ['id', { id: '../../etc/passwd' }],
  ['rev', { rev: 0 }],
  ['rev', { rev: 1.5 }],
  ['rev', { rev: '1' }],
  ['machine.id', { machine: { id: 'session', version: 1 } }],
  ['machine.version', { machine: { id: 'task', version: 2 } }],
  ['machine', { machine: undefined }],
  ['snapshot.value', { snapshot: { ...record.snapshot, value: 'done' } }],
  ['snapshot.value', { snapshot: { context: record.snapshot.context } }],
  ['snapshot.context', { snapshot: { value: 'pending' } }],
  ['snapshot.context.spec', { snapshot: { value: 'pending', context: {} } }],
  ['snapshot.context.spec', { snapshot: { value: 'pending', context: { spec: 'x' } } }],
  ['dueAt', { dueAt: 'noon' }],
  ['commands', { commands: null }],
])('a wrong %s is named', (path, change) => {
  expect(envelopeProblem({ ...record, ...change })).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')}: `));
});

test.each([null, undefined, 1, 'record', []])('%j is no record', (value) => {
  expect(envelopeProblem(value)).toMatch(/^(record|kind): /);
});
