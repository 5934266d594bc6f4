import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { issuesOf, pathText } from '../../src/protocol/messages.ts';
import { readEnvelope } from '../../src/transport/ws/envelope.ts';

const refusal = (text: string) => {
  const { id, request, error } = readEnvelope(text);
  return { id, request, reason: error?.reason, issues: error?.details.issues };
};
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('a message', () => {
  test('is one request with exactly its members', () => {
    const message = { jsonrpc: '2.0', id: 'x', method: 'task.get', params: { taskId: 't' } };
    expect(readEnvelope(JSON.stringify(message))).toEqual({ id: 'x', request: message, error: null });
    expect(readEnvelope('{"jsonrpc":"2.0","id":0,"method":"system.ping"}').error).toBeNull();
  });

  test.each([
    ['no JSON', '{"jsonrpc":', null, 'PARSE_ERROR', undefined],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"m"}]', null, 'INVALID_REQUEST', undefined],
    ['an unknown member', '{"jsonrpc":"2.0","id":1,"method":"m","extra":1}', 1, 'INVALID_REQUEST', ['extra']],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"m"}', 1, 'INVALID_REQUEST', ['jsonrpc']],
    ['a notification', '{"jsonrpc":"2.0","method":"m"}', null, 'INVALID_REQUEST', ['id']],
    ['an id of null', '{"jsonrpc":"2.0","id":null,"method":"m"}', null, 'INVALID_REQUEST', ['id']],
    ['an id with a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"m"}', null, 'INVALID_REQUEST', ['id']],
    ['no method', '{"jsonrpc":"2.0","id":1}', 1, 'INVALID_REQUEST', ['method']],
    ['a bare value', '7', null, 'INVALID_REQUEST', ['']],
  ])('%s is refused', (_, text, id, reason, paths) => {
    const refused = refusal(text);
    expect([refused.id, refused.request, refused.reason]).toEqual([id, null, reason]);
    expect(refused.issues?.map(({ path }) => path)).toEqual(paths);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('a key %s is refused wherever it is, naming the place', (key) => {
    const refused = refusal(`{"jsonrpc":"2.0","id":3,"method":"m","params":{"tasks":[{},{"context":{"${key}":{"x":1}}}]}}`);
    expect(refused).toMatchObject({ id: 3, reason: 'INVALID_PARAMS', issues: [{ path: `tasks[1].context.${key}` }] });
    expect(refusal(`{"jsonrpc":"2.0","id":3,"method":"m","${key}":1}`)).toMatchObject({
      reason: 'INVALID_REQUEST',
      issues: [{ path: key }],
    });
    expect(refusal(`[["${key}",{"${key}":0}]]`).issues).toMatchObject([{ path: `[0][1].${key}` }]);
  });

  test('a hostile word as a value is nobody’s harm', () => {
    expect(readEnvelope('{"jsonrpc":"2.0","id":3,"method":"m","params":["__proto__"]}').error).toBeNull();
  });

  test('is nested 32 levels deep at most', () => {
    const message = (levels: number) => `{"jsonrpc":"2.0","id":1,"method":"m","params":${nested(levels)}}`;
    expect(readEnvelope(message(31)).error).toBeNull();
    expect(refusal(message(32))).toMatchObject({ id: 1, reason: 'INVALID_PARAMS', issues: [{ path: `a${'.a'.repeat(30)}` }] });
    expect(refusal(`${'['.repeat(100_000)}${']'.repeat(100_000)}`).reason).toBe('INVALID_REQUEST');
  });
});

describe('the faults of a refused input', () => {
  test('carry the place as a client would write it', () => {
    const schema = z.strictObject({ tasks: z.array(z.strictObject({ title: z.string() })) });
    const parsed = schema.safeParse({ tasks: [{ title: 'a' }, { title: 1, colour: 'red', size: 2 }], more: 1 });
    expect(issuesOf(parsed.error ?? new z.ZodError([])).map(({ path }) => path)).toEqual([
      'tasks[1].title',
      'tasks[1].colour',
      'tasks[1].size',
      'more',
    ]);
    expect(pathText(['a', 0, 'b'])).toBe('a[0].b');
  });
});
