import { describe, expect, it } from 'vitest';
import { Payload } from '../../src/persistence/postgres/payload.ts';

describe('a payload', () => {
  it.each([0, 1, 7, 1_000_000])('that began with %i bytes holds every value at its place', (bytes) => {
    const payload = new Payload(bytes);
    const texts = ['', 'plain', 'grün 🚀 \ud83d ünd \0', 'ｗｉｄｅ'.repeat(500), '"quoted"', '€'];
    const places = texts.flatMap((text, n) => [
      [Buffer.from(text), payload.text(text)] as const,
      [Buffer.alloc(n, n), payload.bytes(Buffer.alloc(n, n))] as const,
    ]);
    for (const [expected, [first, length]] of places)
      expect(payload.content.subarray(first - 1, first - 1 + length).equals(expected)).toBe(true);
    expect(payload.content).toHaveLength(places.reduce((sum, [expected]) => sum + expected.length, 0));
  });
});
