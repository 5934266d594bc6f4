import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/errors.ts';
import type { Reason } from '../../src/errors.ts';
import { fixes } from '../../src/fixes.ts';
import { closeCodes } from '../../src/protocol/close-codes.ts';
import { eventTypes } from '../../src/protocol/event.ts';
import { connectionMethods, notifications } from '../../src/protocol/messages.ts';
import { methods } from '../../src/protocol/methods.ts';
import { defaultLimits } from '../../src/transport/ws/limits.ts';

/** PROTOCOL.md is normative, so it says what the code does. */

const rows = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
const rowOf = (name: string) => rows.filter(([first]) => first === `\`${name}\``);

describe('PROTOCOL.md', () => {
  test('has every method with its scope and summary', () => {
    // `task.ready` is a method and an event.
    for (const [name, { scope, summary }] of Object.entries(methods)) expect(rowOf(name)).toContainEqual([`\`${name}\``, scope, summary]);
    for (const [name, { summary }] of Object.entries(connectionMethods)) expect(rowOf(name)).toEqual([[`\`${name}\``, summary]]);
  });

  test('has every event', () => {
    for (const type of eventTypes) expect(rowOf(type).filter((row) => row.length === 3)).not.toEqual([]);
  });

  test('has every notification', () => {
    for (const [name, { summary }] of Object.entries(notifications)) expect(rowOf(name)).toContainEqual([`\`${name}\``, summary]);
  });

  test('has the whole catalogue of errors, and nothing else', () => {
    const listed = rows.filter(([first]) => /^`[A-Z_]+`$/.test(first ?? ''));
    const wanted = Object.entries(catalogue).map(([reason, { code, retryable }]) => [
      `\`${reason}\``,
      String(code),
      retryable ? 'yes' : '',
      fixes[reason as Reason],
    ]);
    expect(listed).toEqual(wanted);
  });

  test('has every close code and limit', () => {
    const codes = rows.flatMap(([first]) => first?.match(/^[\d, ]+$/)?.[0].split(', ') ?? []);
    for (const code of Object.values(closeCodes)) expect(codes).toContain(String(code));
    const told = rows.map((row) => row.join(' ').replaceAll(',', '')).join('\n');
    const {
      maxMessageBytes,
      maxFragments,
      maxBufferedChunks,
      maxConnections,
      maxInFlight,
      maxInFlightOfAll,
      maxSubscriptions,
      requestsPerSecond,
      requestBurst,
      maxRefusals,
      highWaterBytes,
    } = defaultLimits;
    for (const limit of [
      maxMessageBytes,
      maxFragments,
      maxBufferedChunks,
      maxConnections,
      maxInFlight,
      maxInFlightOfAll,
      maxSubscriptions,
      requestsPerSecond,
      requestBurst,
      maxRefusals,
      highWaterBytes,
    ]) {
      expect(told).toMatch(new RegExp(`\\b${limit}\\b`));
    }
  });
});
