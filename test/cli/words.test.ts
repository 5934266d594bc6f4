import { expect, test, vi } from 'vitest';
import { commandsBelow, createProgram, pathOf } from '../../src/cli/program.ts';
import { reportFailure } from '../../src/cli/failure.ts';
import { commandOf, commandOfMethod, sessionCommandsOf } from '../../src/cli/words.ts';
import { catalogue, TroupeError } from '../../src/errors.ts';
import type { ErrorDetails, Reason } from '../../src/errors.ts';
import { callerEvents } from '../../src/machines/events.ts';
import { guardRows } from '../../src/machines/guards.ts';
import { sessionGuards } from '../../src/machines/session-guards.ts';
import { methods } from '../../src/protocol/methods.ts';
import { troupe } from './troupe.ts';

/** The command line speaks of commands and options, not of the protocol's methods, members and events. */

const { run, out } = troupe();

const commands = new Set(commandsBelow(createProgram()).map((command) => pathOf(command).replace(/^troupe ?/, '')));
const options = new Set(commandsBelow(createProgram()).flatMap((command) => command.options.map(({ long }) => long)));
const methodName = new RegExp(`\\b(?:${Object.keys(methods).join('|').replaceAll('.', '\\.')})\\b`);

function told(error: TroupeError): string {
  let err = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  reportFailure(error);
  spy.mockRestore();
  return err;
}

function expectCommandWords(line: string): void {
  expect(line).toMatch(/^troupe: [^\n]+\n$/);
  expect(line).not.toMatch(methodName);
  expect(line).not.toMatch(/`|\b[a-z]+[A-Z]\w+\b|\b(?!TROUPE_)[A-Z]+_[A-Z]+\b/);
  for (const [, named = ''] of line.matchAll(/\btroupe ((?:session |token )?[a-z]+)/g)) expect([...commands]).toContain(named);
  for (const [named] of line.matchAll(/--[a-z-]+/g)) expect([...options]).toContain(named);
}

const reasons = Object.keys(catalogue) as Reason[];

test.each(reasons)('%s is told in commands and options', (reason) => {
  const line = told(new TroupeError(reason, 'it was refused'));
  expect(line).toContain('it was refused: ');
  expectCommandWords(line);
});

test('so are the fixes of guards, and what a task takes', () => {
  // No command names a revision or archives a session.
  const unmet = new Set(['revMatches', 'tasksArchived']);
  for (const [guard, { reason, says, fix }] of Object.entries({ ...guardRows, ...sessionGuards }))
    if (!unmet.has(guard)) expectCommandWords(told(new TroupeError(reason, says, { guard, ...(fix === undefined ? {} : { fix }) })));
  for (const event of callerEvents) expect([...commands]).toContain(commandOf(event));
  for (const command of sessionCommandsOf(['PAUSE', 'RESUME', 'COMPLETE', 'ARCHIVE'])) expect([...commands]).toContain(command);
  for (const command of Object.values(commandOfMethod)) expect([...commands]).toContain(command);
});

test('what is refused names the command that was called', () => {
  const details: ErrorDetails = { taskId: 't_1', from: 'completed', event: 'DEPENDENCY_WAIVE', allowed: ['REOPEN', 'DEPENDENCY_ADD'] };
  const line = told(new TroupeError('INVALID_TRANSITION', 'cannot dependency waive: the task is completed', details));
  expect(line).toBe('troupe: cannot waive: the task is completed: what it takes now: reopen, depend\n');
});

test('a command whose effect is open can be said again with its id', () => {
  expect(told(new TroupeError('UNREACHABLE', 'gone', { commandId: 'c-1' }))).toContain('--command-id c-1');
});

test('a circle is shown', async () => {
  const plan = await out('create', 'A plan');
  const [first, second] = [await out('create', 'First', '--parent', plan), await out('create', 'Second', '--parent', plan)];
  await out('depend', second, first);
  const { code, err } = await run(['depend', first, second]);
  expect([code, err]).toEqual([4, expect.stringMatching(/^troupe: cannot depend: [^\n]+ → [^\n]+\n$/)]);
  expect(err).toContain(first);
  expect(err).toContain(second);
});

test('a task is shown with the commands that it takes, its progress and its title in one line', async () => {
  const made = await run(['create', 'two\nlines']);
  expect(made.err).toBe('made two lines\n');
  const id = made.out.trim();
  await out('execute', id);
  await out('progress', id, 'half', 'way', '--value', '2', '--total', '5');
  const shown = await out('show', id);
  expect(shown).toMatch(/^progress +2 of 5: half way$/m);
  expect(shown).toMatch(/^allowed +.*waive/m);
  expect(shown).not.toMatch(/DEPENDENCY|START/);
});

test('a lease that was left behind is taken back as the refusal says', async () => {
  const id = await out('create', 'Left behind');
  await out('execute', id, '--worker', 'somebody');
  const refused = await run(['complete', id, '--summary', 'Done']);
  expect([refused.code, refused.err]).toEqual([4, expect.stringMatching(/troupe block .*troupe unblock/)]);
  expect((await run(['execute', id])).err).toMatch(/troupe block .*troupe unblock/);
  await out('block', id, 'somebody', 'went', 'home');
  await out('unblock', id);
  await out('execute', id);
  await out('complete', id, '--summary', 'Done');
});
