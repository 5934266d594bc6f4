import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { completion } from '../../src/cli/completion.ts';
import { commandsBelow, createProgram, pathOf } from '../../src/cli/program.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { generated } from '../support/generated.ts';
import { reference } from './reference.ts';

test('docs/cli.md is what the program says', async () => {
  const { made, committed } = await generated('docs/cli.md', reference(createProgram()));
  expect(committed).toBe(made);
});

test('every command says what it does, and every option', () => {
  for (const command of commandsBelow(createProgram())) {
    expect([pathOf(command), command.description()]).toEqual([pathOf(command), expect.stringMatching(/^[A-Z].*\.$/)]);
    for (const { flags, description } of command.options) expect([flags, description]).not.toEqual([flags, '']);
  }
});

test('bash completes commands, options and the words of options', async () => {
  const script = join(await temporaryDirectory(), 'completion');
  await writeFile(script, completion('bash'));
  const completed = (...words: string[]) => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const program = `source ${script}; COMP_WORDS=(troupe ${line}); COMP_CWORD=${words.length}; _troupe; echo "\${COMPREPLY[*]}"`;
    return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split(' ');
  };
  expect(completed('pl')).toEqual(['plan']);
  expect(completed('token', 're')).toEqual(['revoke']);
  expect(completed('list', '--sta')).toEqual(['--status']);
  expect(completed('token', 'add', '--sc')).toEqual(['--scope']);
  expect(completed('show', 't_0', '--js')).toEqual(['--json']);
  expect(completed('graph', 't_0', '--format', 'm')).toEqual(['mermaid']);
});

test.each(['zsh', 'fish'] as const)('%s is told every command', (shell) => {
  const script = completion(shell);
  for (const command of createProgram().commands) expect(script).toMatch(new RegExp(`\\b${command.name()}\\b`));
});
