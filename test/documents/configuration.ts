import { commandsBelow, createProgram, pathOf } from '../../src/cli/program.ts';
import { taskVariables, variables } from '../../src/cli/variables.ts';
import { roleLimits } from '../../src/config/roles.ts';
import { defaultCheckpointBytes } from '../../src/persistence/lowdb/store.ts';
import { defaults } from '../../src/protocol/defaults.ts';
import { limits } from '../../src/protocol/values.ts';
import { templateLimits } from '../../src/templates/limits.ts';
import { defaultTimeouts } from '../../src/transport/listen.ts';
import { defaultLimits } from '../../src/transport/ws/limits.ts';
import { markdownTable } from '../support/generated.ts';
import { boundWords, connectionWords, filesOfData, httpWords, roleWords, serviceWords, templateWords } from './configuration-words.ts';

/** The text of docs/configuration.md, made of the flags, variables and limits as they are. */
export const configurationDocument = (): string =>
  [
    `# Configuration

Made of the code by \`test/documents/documents.test.ts\`; write it anew with \`UPDATE=1\`.

There is no file of settings. A service takes its flags, reads a few variables, and keeps everything in one directory. [All commands](cli.md) have a page of their own.`,
    '## Flags of `troupe serve`',
    flags('troupe serve'),
    '## Flags of `troupe mcp`',
    flags('troupe mcp'),
    '## Environment',
    'An option on the command line comes before a variable. A variable that is empty is not there.',
    markdownTable(['variable', ''], wordsOf(variables)),
    'A command that `troupe work --exec` runs finds these:',
    markdownTable(['variable', ''], wordsOf(taskVariables)),
    '## The data directory',
    'It is the one of `--data`, else of `TROUPE_DATA`, else the nearest `.troupe` upwards, else `.troupe` in the root of the git repository, else the folder of the user. One process owns it. Copy it with `troupe backup`; what is in it is for nobody else to change, but for `roles/` and `templates/`.',
    markdownTable(['file', ''], wordsOf(filesOfData)),
    '## Limits of tasks and messages',
    'They are the same everywhere, so clients can count on them. What is over one is refused with `INVALID_PARAMS` or [`LIMIT_EXCEEDED`](errors.md#limit_exceeded).',
    values(limits, boundWords),
    '## Limits of a connection',
    'Defaults. A program that [embeds the service](../src/server.ts) can set each: `createTroupe({ limits: { maxConnections: 200 } })`.',
    values(defaultLimits, connectionWords),
    '## Limits of the service',
    values({ ...defaults, checkpointBytes: defaultCheckpointBytes }, serviceWords),
    values(defaultTimeouts, httpWords),
    '## Limits of roles and templates',
    values(roleLimits, roleWords),
    values(templateLimits, templateWords),
  ].join('\n\n');

const wordsOf = (table: Readonly<Record<string, string>>): string[][] =>
  Object.entries(table).map(([name, words]) => [`\`${name}\``, words]);

function flags(path: string): string {
  const command = commandsBelow(createProgram()).find((candidate) => pathOf(candidate) === path);
  const rows = (command?.options ?? []).map(({ flags: flag, defaultValue, argChoices, description }) => {
    const choices = argChoices === undefined ? '' : `: ${argChoices.map((choice) => `\`${choice}\``).join(' or ')}`;
    return [
      `\`${flag}\``,
      code(defaultValue),
      `${description.replace('(default: see troupe --help)', '(see [below](#the-data-directory))')}${choices}`,
    ];
  });
  return markdownTable(['flag', 'default', ''], rows);
}

const code = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? `\`${value}\`` : '');

function values<K extends string>(table: Readonly<Record<K, number>>, words: Readonly<Record<K, string>>): string {
  const names = Object.keys(table) as K[];
  return markdownTable(
    ['', 'limit', 'name'],
    names.map((name) => [words[name], amount(name, table[name]), `\`${name}\``]),
  );
}

/** A number with its unit, which the end of its name tells. */
function amount(name: string, value: number): string {
  if (/Ms$|Timeout$|Interval$/.test(name)) return value % 1_000 === 0 ? span(value / 1_000) : `${value} ms`;
  if (/bytes$/i.test(name)) return size(value);
  return value.toLocaleString('en');
}

function span(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function size(bytes: number): string {
  if (bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MiB`;
  return bytes % 1_024 === 0 ? `${bytes / 1_024} KiB` : `${bytes.toLocaleString('en')} bytes`;
}
