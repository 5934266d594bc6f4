import { describe, expect, test } from 'vitest';
import { methods } from '../../src/protocol/methods.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { opcodes } from '../support/raw-socket.ts';
import { Pool, samples } from './fuzz/samples.ts';
import { answered, answersOf, greeted, serviceOfFile } from './served.ts';

/** What is inside a message: sizes, depth, keys, ids. The connection goes on behind each of them. */

const service = serviceOfFile();

const sampleOf = (method: string): object => {
  const make = samples[method as keyof typeof samples];
  return make(new Pool(() => 0), `m-${method}`);
};

/** Sends each text under the next id and answers the reasons with their places. */
async function refusals(raw: RawSocket, texts: readonly ((id: number) => string)[]): Promise<unknown[]> {
  texts.forEach((text, index) => raw.write(opcodes.text, text(index + 1)));
  await Promise.all(texts.map((_, index) => answered(raw, index + 1)));
  return texts.map((_, index) => {
    const error = answersOf(raw).find(({ id }) => id === index + 1)?.error?.data;
    return [error?.reason, error?.issues?.[0]?.path];
  });
}

const rows = Object.keys(methods);

describe.each(['__proto__', 'constructor', 'prototype'])('a key %s is refused', (key) => {
  test('at the top of the params of every method', async () => {
    const raw = await greeted(service());
    const texts = rows.map((method) => (id: number) => {
      const params = JSON.stringify(sampleOf(method)).replace(/^\{/, `{"${key}":{"polluted":true},`).replace(',}', '}');
      return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
    });
    expect(await refusals(raw, texts)).toEqual(rows.map(() => ['INVALID_PARAMS', key]));
    raw.destroy();
  });

  test('at any depth, in lists too, and spelt with escapes', async () => {
    const raw = await greeted(service());
    const escaped = Array.from(key, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    const depths = [1, 2, 5, 20, 29];
    const context = (levels: number, name: string) => `${'{"a":'.repeat(levels)}{"${name}":1}${'}'.repeat(levels)}`;
    const texts = depths.flatMap((levels) =>
      [key, escaped].map(
        (name) => (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"plan","params":{"title":"x","context":${context(levels, name)}}}`,
      ),
    );
    const lists = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"plan","params":{"tasks":[{},[[{"${key}":{}}]]]}}`;
    expect(await refusals(raw, [...texts, lists])).toEqual([
      ...depths.flatMap((levels) => Array.from({ length: 2 }, () => ['INVALID_PARAMS', `context${'.a'.repeat(levels)}.${key}`])),
      ['INVALID_PARAMS', `tasks[1][0][0].${key}`],
    ]);
    raw.destroy();
  });

  test('beside the members of a request', async () => {
    const raw = await greeted(service());
    expect(await refusals(raw, [(id) => `{"jsonrpc":"2.0","${key}":{"x":1},"id":${id},"method":"system.ping"}`])).toEqual([
      ['INVALID_REQUEST', key],
    ]);
    raw.destroy();
  });
});

test('nesting is refused beyond 32 levels, however deep it goes, and answered up to there', async () => {
  const raw = await greeted(service());
  const nested =
    (levels: number, [open, close]: readonly [string, string]) =>
    (id: number) =>
      `{"jsonrpc":"2.0","id":${id},"method":"task.create","params":{"title":"x","context":{"a":${open.repeat(levels)}1${close.repeat(levels)}}}}`;
  const objects = ['{"a":', '}'] as const;
  const lists = ['[', ']'] as const;
  expect(await refusals(raw, [nested(29, objects), nested(29, lists)])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ]);
  const deep = await greeted(service());
  const texts = [nested(30, objects), nested(30, lists), nested(40_000, objects), nested(120_000, lists)];
  for (const [index, answer] of (await refusals(deep, texts)).entries())
    expect([index, answer]).toEqual([index, ['INVALID_PARAMS', expect.any(String)]]);
  raw.destroy();
  deep.destroy();
});

const hostileIds = [
  '../../../etc/passwd',
  't_',
  `t_${'0'.repeat(27)}`,
  `t_${'I'.repeat(26)}`,
  `T_${'0'.repeat(26)}`,
  `t_${'0'.repeat(25)}\n`,
  `t_${'0'.repeat(26)}\0`,
  '__proto__',
  '',
  0,
  null,
  {},
  ['t_'],
];

test('ids are taken by their pattern, by every method', async () => {
  const addressed = rows.flatMap((method) => {
    const { input } = methods[method as keyof typeof methods];
    const members = 'shape' in input ? Object.keys(input.shape) : [];
    return members
      .filter((member) => ['taskId', 'artifactId', 'parentId', 'lease'].includes(member))
      .map((member) => [method, member] as const);
  });
  expect(addressed.length).toBeGreaterThan(25);
  for (const [method, member] of addressed) {
    const raw = await greeted(service());
    const texts = hostileIds.map(
      (value) => (id: number) => JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...sampleOf(method), [member]: value } }),
    );
    expect([method, await refusals(raw, texts)]).toEqual([method, hostileIds.map(() => ['INVALID_PARAMS', member])]);
    raw.destroy();
  }
});

test('a message of 256 KiB is answered, one byte more closes with 1009, whole or in fragments', async () => {
  const fill = (bytes: number) => '{"jsonrpc":"2.0","id":1,"method":"system.ping"}'.padEnd(bytes);
  const whole = await greeted(service());
  whole.write(opcodes.text, fill(262_144));
  await answered(whole, 1);
  whole.write(opcodes.text, fill(262_145));
  expect(await whole.closed()).toBe(1009);
  const parts = await greeted(service());
  for (let part = 0; part < 5; part += 1)
    parts.write(part === 0 ? opcodes.text : opcodes.continuation, fill(52_429).padEnd(52_429), { final: part === 4 });
  expect(await parts.closed()).toBe(1009);
});

test('what is no request is refused, and tells nothing of the service', async () => {
  const raw = await greeted(service());
  const texts = [
    '',
    'null',
    '7',
    '"x"',
    '[]',
    '{}',
    '[{"jsonrpc":"2.0","id":1,"method":"system.ping"}]',
    '{"id":1',
    'GET / HTTP/1.1',
    '\ufeff{}',
    '{"jsonrpc":"2.0","method":"system.ping"}',
  ];
  for (const text of texts) raw.write(opcodes.text, text);
  raw.request(99, 'system.ping', {});
  await answered(raw, 99);
  const answers = answersOf(raw).filter(({ id }) => id === null);
  expect(answers).toHaveLength(texts.length);
  for (const { error } of answers) expect(['PARSE_ERROR', 'INVALID_REQUEST']).toContain(error?.data.reason);
  expect(JSON.stringify(answers)).not.toMatch(/\bat \S+:\d+|node_modules|\/tmp\//);
  raw.destroy();
});
