import { execFileSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../../src/cli/columns.ts';
import { troupe } from './troupe.ts';

/** What people see, at a terminal of its own (script(1)). */

const { out, run, command, data } = troupe();

const hasScript = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
})();
if (!hasScript) console.log('script(1) of util-linux is not installed: nothing is tried at a terminal');

const plan = `title: Move the shop to a new host, with everything that belongs to it and without losing a single order
description: A long description that goes on and on, so that it has to be broken somewhere, between two of its words
tasks:
- {ref: a, title: "List every service, cron job, certificate and secret that the old host has \u001b[2J"}
- {ref: b, title: Restore 数据库恢复 数据库恢复 数据库恢复 数据库恢复 数据库恢复 数据库恢复, specialist: devops}
- {title: Switch over when everything is where it has to be, dependsOn: [a, b]}
`;

const sees = (columns: number, ...args: readonly string[]) =>
  execFileSync('script', ['-qec', `stty cols ${columns}; "$NODE" "$COMMAND" ${args.join(' ')}`, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, NODE: process.execPath, COMMAND: command(), TROUPE_DATA: data(), TERM: 'xterm' },
  });

/** An id stays whole, so that it can be taken as it is. */
const isId = (line: string) => /  [tas]_\w{26}$/.test(line);

describe.skipIf(!hasScript)('at a terminal', () => {
  let root = '';
  beforeAll(async () => {
    const planned = await run(['plan'], { input: plan });
    root = planned.out.slice(0, 28);
  });

  test.each([40, 80, 120])('of %i columns no line is wider, and nothing steers it but colour', (columns) => {
    for (const args of [['list'], ['ready'], ['graph', root], ['show', root], ['history', root], ['status']]) {
      const text = sees(columns, ...args);
      const lines = stripVTControlCharacters(text).split(/\r?\n/);
      expect([args, lines.length > 1, lines.filter((line) => widthOf(line) > columns && !isId(line))]).toEqual([args, true, []]);
      expect([args, text.includes('\u001B[2J')]).toEqual([args, false]);
    }
    expect(sees(columns, 'list')).toContain('\u001B[');
  });

  test('a narrow one shows titles instead of roles', () => {
    expect([sees(40, 'list').includes('ROLE'), sees(80, 'list').includes('ROLE')]).toEqual([false, true]);
  });

  test('a title is broken between words, and whole', () => {
    const text = stripVTControlCharacters(sees(40, 'show', root)).replaceAll(/\s+/g, ' ');
    expect(text).toContain('with everything that belongs to it and without losing a single order');
  });

  test('what is no terminal gets all of it in one line', async () => {
    expect(await out('show', root)).toMatch(/^title +Move the shop .* without losing a single order$/m);
  });
});
