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

/** Null where the shell isn't installed. */
function version(shell: string): string | null {
  try {
    return execFileSync(shell, ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

const has = { zsh: version('zsh'), fish: version('fish') };
for (const [shell, found] of Object.entries(has)) if (found === null) console.log(`${shell} is not installed: its completion is not tried`);

test.skipIf(has.fish === null)('fish completes commands, options and the words of options', async () => {
  const script = join(await temporaryDirectory(), 'completion.fish');
  await writeFile(script, completion('fish'));
  const completed = (line: string) =>
    execFileSync('fish', ['--no-config', '-c', `source ${script}; complete --do-complete 'troupe ${line}'`], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((one) => one.split('\t')[0]);
  expect(completed('pl')).toEqual(['plan']);
  expect(completed('token re')).toEqual(['revoke']);
  expect(completed('session pa')).toEqual(['pause']);
  expect(completed('list --sta')).toEqual(['--status']);
  expect(completed('token add --sc')).toEqual(['--scope']);
  expect(completed('show t_0 --js')).toEqual(['--json']);
  expect(completed('graph t_0 --format m')).toEqual(['mermaid']);
});

test.skipIf(has.zsh === null)('zsh completes commands, options and the words of options', async () => {
  const script = join(await temporaryDirectory(), 'completion.zsh');
  await writeFile(script, completion('zsh'));
  const completed = (...words: string[]) => {
    const line = words.map((word) => `'${word}'`).join(' ');
    // As zsh itself calls completions of bash (its function _bash_complete), without the terminal that it needs for the rest.
    const program = `
autoload -U +X compinit && compinit -D -u
source ${script}
[[ $_comps[troupe] == *_bash_complete*_troupe* ]] || exit 1
ask() { emulate -L sh; setopt kshglob noshglob ksharrays; local COMP_CWORD=${words.length}; local -a COMP_WORDS COMPREPLY; COMP_WORDS=(troupe ${line}); _troupe; echo "\${COMPREPLY[*]}" }
ask`;
    const offered = execFileSync('zsh', ['-f', '-c', program], { encoding: 'utf8' }).trim().split(' ');
    // zsh chooses what begins like the word itself.
    return offered.filter((word) => word.startsWith(words.at(-1) ?? ''));
  };
  expect(completed('pl')).toEqual(['plan']);
  expect(completed('token', 're')).toEqual(['revoke']);
  expect(completed('list', '--sta')).toEqual(['--status']);
  expect(completed('graph', 't_0', '--format', 'm')).toEqual(['mermaid']);
});
