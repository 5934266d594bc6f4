import { describe, expect, test } from 'vitest';
import { frameTexts } from '../../src/transport/ws/frame.ts';
import { TokenBucket } from '../../src/transport/ws/token-bucket.ts';
import { readFrame } from '../support/raw-socket.ts';

describe('a frame', () => {
  test.each([0, 1, 125, 126, 65_535, 65_536, 300_000])('of %d bytes can be read back', (length) => {
    const text = 'x'.repeat(length);
    const frame = readFrame(frameTexts([text]));
    expect(frame).toMatchObject({ opcode: 1, final: true });
    expect(frame?.payload.toString()).toBe(text);
  });

  test('counts bytes, not characters', () => {
    const text = 'ä€😀'.repeat(40);
    expect(readFrame(frameTexts([text]))?.payload.toString()).toBe(text);
  });

  test('follows the one before it in the same buffer', () => {
    const texts = ['first', 'z'.repeat(200), ''];
    let bytes = frameTexts(texts);
    const read: string[] = [];
    for (let frame = readFrame(bytes); frame !== null; frame = readFrame(bytes)) {
      read.push(frame.payload.toString());
      bytes = bytes.subarray(frame.bytes);
    }
    expect(read).toEqual(texts);
    expect(bytes).toHaveLength(0);
  });
});

describe('a token bucket', () => {
  test('grants the burst, then what time brings, and says when', () => {
    const bucket = new TokenBucket(100, 3, 0);
    expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([0, 0, 0, 10]);
    expect(bucket.take(9)).toBe(1);
    expect(bucket.take(10)).toBe(0);
    expect(bucket.take(10)).toBe(10);
  });

  test('never grants more than the burst, however long nothing came', () => {
    const bucket = new TokenBucket(100, 2, 0);
    expect([1e9, 1e9, 1e9].map((now) => bucket.take(now) > 0)).toEqual([false, false, true]);
  });
});
