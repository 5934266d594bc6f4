import { InvalidArgumentError } from './commander.ts';

/** What options are made of. Each refuses with a sentence for the person who typed it. */

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}

/** A whole number that is not negative. */
export function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is needed');
  return Number(text);
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a time span such as 500ms, 30s, 10m or 1h. */
export function parseSpan(text: string): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  if (unit !== 'ms' && unit !== 's' && unit !== 'm' && unit !== 'h')
    throw new InvalidArgumentError('a time is a number with ms, s, m or h');
  return Number(digits) * unitMs[unit];
}

/** One more value of an option that can be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

export function collectOrigin(value: string, before: readonly string[]): string[] {
  if (!URL.canParse(value) || new URL(value).origin !== value.toLowerCase()) {
    throw new InvalidArgumentError('an origin is a scheme, a host and, if it is not the usual one, a port: https://board.example.com');
  }
  return collect(value, before);
}

/** Words that were not put into quotes. */
export const textOf = (rest: readonly string[]): string => rest.join(' ');
export const textIn = (rest: readonly string[]): string | undefined => (rest.length === 0 ? undefined : textOf(rest));
