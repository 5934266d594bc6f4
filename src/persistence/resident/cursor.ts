import * as z from 'zod';
import { TroupeError } from '../../errors.ts';
import { sorts } from '../../protocol/task.ts';
import type { Sort } from '../../protocol/task.ts';
import { sessionId, taskId } from '../../protocol/values.ts';
import type { Key } from './order.ts';
import type { SessionKey } from './sessions.ts';

/** Keyset cursors: the key of the last row shown, opaque to whoever carries it. */

const keyCursor = z.tuple([z.enum(sorts), z.number(), z.number(), taskId, z.number(), taskId]);
const sessionCursor = z.tuple([z.literal('session'), z.number(), sessionId]);
const revisionCursor = z.tuple([z.literal('rev'), z.int().min(0)]);

const encode = (value: readonly unknown[]): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode<T>(cursor: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw unusable('is not one that a page ended with');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unusable('is not one that a page of this list ended with');
  return parsed.data;
}

function unusable(message: string): TroupeError {
  return new TroupeError('INVALID_PARAMS', `the cursor ${message}`, {
    issues: [{ path: 'cursor', message }],
    fix: 'list again without a cursor',
  });
}

export function encodeCursor(sort: Sort, { at, priority, rootId, position, id }: Key): string {
  return encode([sort, at, priority, rootId, position, id]);
}

/** INVALID_PARAMS when the text is no cursor, or one of another sort order. */
export function decodeCursor(cursor: string, sort: Sort): Key {
  const [of, at, priority, rootId, position, id] = decode(cursor, keyCursor);
  if (of !== sort) throw unusable(`belongs to the order "${of}", not "${sort}"`);
  return { at, priority, rootId, position, id };
}

export const encodeSessionCursor = ({ at, id }: SessionKey): string => encode(['session', at, id]);

/** INVALID_PARAMS when the text is no cursor of a list of sessions. */
export function decodeSessionCursor(cursor: string): SessionKey {
  const [, at, id] = decode(cursor, sessionCursor);
  return { at, id };
}

export const encodeRevision = (rev: number): string => encode(['rev', rev]);

/** INVALID_PARAMS when the text is no cursor of a history. */
export const decodeRevision = (cursor: string): number => decode(cursor, revisionCursor)[1];
