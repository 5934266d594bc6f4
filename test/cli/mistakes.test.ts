import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../support/data-directory.ts';
import { expectOneLine, told } from './told.ts';
import { troupe } from './troupe.ts';

/** What people get wrong, and what they are told. */

const { data, run } = troupe();

beforeAll(() => {
  vi.stubEnv('TROUPE_DATA', data());
});

describe('troupe serve', () => {
  test.each([
    ['a store that is no database', ['--store', 'foo'], 'postgres://'],
    ['a certificate that is not there', ['--tls-cert', 'nofile', '--tls-key', 'nofile'], "--tls-cert: nofile can't be read"],
    ['a certificate that is no PEM', ['--tls-cert', 'package.json', '--tls-key', 'package.json'], 'package.json is no PEM'],
  ])('with %s ends with 2 and one line', async (_, args, says) => {
    const answer = await told(['serve', '--port', '0', '--data', join(await temporaryDirectory(), 'data'), ...args]);
    expect([answer.code, answer.err]).toEqual([2, expect.stringContaining(says)]);
    expectOneLine(answer);
  });

  test('with what only looks like a certificate ends with 2 and one line', async () => {
    const file = join(await temporaryDirectory(), 'cert.pem');
    await writeFile(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const answer = await told(['serve', '--port', '0', '--data', await temporaryDirectory(), '--tls-cert', file, '--tls-key', file]);
    expect([answer.code, answer.err]).toEqual([2, expect.stringContaining('no certificate with its key')]);
    expectOneLine(answer);
  });
});

test.each([
  ['help', 'nope'],
  ['session', 'help', 'nope'],
  ['help', 'session', 'nope'],
])('help of a command that there is not: troupe %s %s %s', async (...args) => {
  const answer = await told(args.filter((word) => word !== undefined));
  expect(answer.code).toBe(2);
  expectOneLine(answer);
});

test('a machine that there is not is not found', async () => {
  const answer = await told(['diagram', 'foo']);
  expect([answer.code, answer.err]).toEqual([3, expect.stringContaining('task, session')]);
});

test.skipIf(process.platform === 'win32')('a pipe among the task files of a folder is told, and not waited for', async () => {
  const folder = await temporaryDirectory();
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(folder, 'a.json')]);
  const { code, err } = await run(['import', folder]);
  expect([code, err]).toEqual([2, expect.stringMatching(/^troupe: [^\n]*a\.json is no file: [^\n]+\n$/)]);
});

test('a service that can not start is told in one sentence, which ends in what to do', async () => {
  const place = await temporaryDirectory();
  await writeFile(join(place, 'journal.1.jsonl'), 'no journal\n'.repeat(3));
  const { code, err } = await run(['list', '--data', place]);
  expect([code, err]).toEqual([
    6,
    expect.stringMatching(/^troupe: no service could be started for [^(]+ \(.+\): more is in serve\.log [^:]+\n$/),
  ]);
});
