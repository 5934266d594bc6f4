import { expect, test } from 'vitest';
import * as z from 'zod';
import { invalidParams } from '../../src/protocol/messages.ts';
import { plainWords } from '../../src/protocol/plain-words.ts';
import { text } from '../../src/protocol/values.ts';

const cases: readonly [z.ZodType, unknown, string][] = [
  [text(4), 'fünf Bytes', 'longer than 4 bytes of UTF-8'],
  [text(4), 'üüü', 'longer than 4 bytes of UTF-8'],
  [z.string().max(3), 'four', 'longer than 3 characters'],
  [z.string().min(1), '', 'is empty'],
  [z.string().min(3), 'a', 'shorter than 3 characters'],
  [z.array(z.int()).max(1), [1, 2], 'more than 1 entry'],
  [z.array(z.int()).min(1), [], 'is empty'],
  [z.array(z.int()).min(2), [], 'fewer than 2 entries'],
  [z.int().max(10), 11, 'more than 10'],
  [z.int().min(1), 0, 'less than 1'],
  [z.number().lt(1), 1, 'is not less than 1'],
  [z.number().gt(0), 0, 'is not more than 0'],
  [z.enum(['code', 'design']), 'poem', 'is none of code, design'],
  [z.literal(1), 2, 'is not 1'],
  [z.string(), undefined, 'is missing'],
  [z.string(), 7, 'expected string, received number'],
  [z.string().regex(/^a$/, 'an a'), 'b', 'an a'],
];

test.each(cases)('%# a fault of a value is told once, in plain words', (schema, value, words) => {
  const issues = schema.safeParse(value).error?.issues ?? [];
  expect(issues.map(plainWords)).toEqual([words]);
  const refused = invalidParams(z.strictObject({ at: schema }).safeParse({ at: value }).error ?? new z.ZodError([]));
  expect([refused.message, refused.details.issues]).toEqual([`at: ${words}`, [{ path: 'at', message: words }]]);
});
