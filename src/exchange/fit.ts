import { parseTime } from '../clock.ts';
import { limits, tag as tagSchema } from '../protocol/values.ts';
import type { JsonObject } from '../protocol/values.ts';
import { isObject } from './json.ts';
import { printable } from './report.ts';
import type { Report } from './report.ts';
import type { Place } from './source.ts';

/** What other programs let through, made to fit what a task of ours takes. What is lost is told. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** At most so many bytes of UTF-8, cut at a character. */
export function cutBytes(text: string, maxBytes: number): string {
  const whole = text.toWellFormed();
  if (whole.length * 3 <= maxBytes) return whole;
  const bytes = encoder.encode(whole);
  if (bytes.length <= maxBytes) return whole;
  let end = maxBytes - 3;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${decoder.decode(bytes.subarray(0, end))}…`;
}

export function fitTitle(text: string, report: Report, place: Place): string {
  const line = printable(text).replaceAll(/\s+/g, ' ').trim();
  if (line === '') {
    report.remark(place, 'has no title: it is called "(untitled)"');
    return '(untitled)';
  }
  if (line.length <= limits.titleLength) return line;
  report.remark(place, `the title has ${line.length} characters: it is cut after ${limits.titleLength - 1}`);
  return `${line.slice(0, limits.titleLength - 1).toWellFormed()}…`;
}

/** Sections under headings, those that say something. */
export function fitDescription(
  sections: readonly (readonly [heading: string, text: string | undefined])[],
  report: Report,
  place: Place,
): string {
  const text = sections
    .flatMap(([heading, body]) =>
      body === undefined || body.trim() === '' ? [] : [heading === '' ? body : `## ${heading}\n\n${body.trim()}`],
    )
    .join('\n\n');
  const fitting = cutBytes(text, limits.descriptionBytes);
  if (fitting !== text.toWellFormed()) report.remark(place, `the description is cut after ${limits.descriptionBytes} bytes`);
  return fitting;
}

/** Lines of a list, without what they are marked with. */
export function fitAcceptance(given: readonly string[], report: Report, place: Place): string[] {
  const lines = given.map((line) => line.replace(/^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?/, '').trim()).filter((line) => line !== '');
  if (lines.length > limits.acceptance)
    report.remark(place, `${lines.length} acceptance criteria: the first ${limits.acceptance} are kept`);
  return lines.slice(0, limits.acceptance).map((line) => cutBytes(line, 2_000));
}

export function fitTags(given: readonly string[], report: Report, place: Place): string[] {
  const tags = new Set<string>();
  for (const text of given) {
    const word = text
      .trim()
      .replaceAll(/[^A-Za-z0-9._:/@-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 64);
    if (!tagSchema.safeParse(word).success)
      report.remark(place, `the tag ${JSON.stringify(text.slice(0, 64))} can't be a tag here: it is left out`);
    else tags.add(word);
  }
  if (tags.size > limits.tags) report.remark(place, `${tags.size} tags: the first ${limits.tags} are kept`);
  return [...tags].slice(0, limits.tags);
}

/** A date that exists, or nothing. */
export function fitTime(text: string | undefined | null, report: Report, place: Place): string | undefined {
  if (text == null) return undefined;
  if (parseTime(text) !== null) return text;
  report.remark(place, `${JSON.stringify(text.slice(0, 40))} is no date: it is left out`);
  return undefined;
}

const hostile: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const isPlain = (value: unknown, depth: number): boolean => {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  // The message around it has levels of its own.
  return depth > 0 && Object.entries(value).every(([key, member]) => !hostile.has(key) && key.isWellFormed() && isPlain(member, depth - 1));
};

/** Members that go into the context as they are; undefined when there are none. */
export function fitContext(members: Readonly<Record<string, unknown>>, report: Report, place: Place): JsonObject | undefined {
  const context: Record<string, unknown> = {};
  let bytes = 2;
  for (const [member, value] of Object.entries(members)) {
    if (
      value == null ||
      value === '' ||
      (Array.isArray(value) && value.length === 0) ||
      (isObject(value) && Object.keys(value).length === 0)
    )
      continue;
    const isHostile = hostile.has(member) || !isPlain(value, 8);
    const size = isHostile ? 0 : encoder.encode(JSON.stringify({ [member]: value })).length;
    if (isHostile || bytes + size > limits.contextBytes)
      report.remark(
        place,
        `${member}: ${isHostile ? 'too deep, or with keys that no message may have' : 'too large for the context'}: it is left out`,
      );
    else {
      context[member] = value;
      bytes += size;
    }
  }
  return isJsonObject(context) && Object.keys(context).length > 0 ? context : undefined;
}

/** It came out of JSON.parse. */
const isJsonObject = (value: object): value is JsonObject => isObject(value);

/** A key as long as an external id may be: what is cut off is told apart by a number made of it. */
export function fitExternalId(...parts: readonly string[]): string {
  const whole = printable(parts.filter((part) => part !== '').join(':'));
  if (whole.length <= 200) return whole;
  let hash = 0xcbf29ce484222325n;
  for (const byte of encoder.encode(whole)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return `${whole.slice(0, 180).toWellFormed()}#${hash.toString(16)}`;
}
