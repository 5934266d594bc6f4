import { describe, expect, it } from 'vitest';
import { positionsOf, precedes } from '../../src/persistence/postgres/position.ts';

describe('a position', () => {
  const [log, other] = [positionsOf('one'), positionsOf('two')];
  const at = (xid: string, n: number, check = 'x-1-00.000') => log.format({ xid, n, check });

  it('is before those of later transactions, and in one of those with a higher number', () => {
    // As numbers, beyond those that a double keeps apart; not as texts.
    const inOrder = [log.none, at('9', 0), at('9', 2), at('9', 10), at('10', 0), at('9007199254740992', 0), at('9007199254740993', 0)];
    for (const [i, a] of inOrder.entries()) for (const [k, b] of inOrder.entries()) expect([a, b, precedes(a, b)]).toEqual([a, b, i < k]);
  });

  it('is before nothing of another log, nor of what is none', () => {
    expect(precedes(at('1', 0), other.format({ xid: '2', n: 0, check: 'x' }))).toBe(false);
    for (const odd of ['', 'now', 'one:2', 'one:x.1:y'])
      expect([precedes(at('1', 0), odd), precedes(odd, at('1', 0))]).toEqual([false, false]);
  });
});
