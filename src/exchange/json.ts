import type * as z from 'zod';
import type { Report } from './report.ts';
import type { Place } from './source.ts';
import { plainWords } from '../protocol/plain-words.ts';

/** JSON with the place of its faults, in every version of Node. */

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of the text; `undefined` when it is no JSON, which the report is told. `line` is that of the first line of the text. */
export function parseJson(text: string, report: Report, place: Place): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    const before = text.slice(0, faultIn(text));
    const line = before.split('\n').length;
    const column = before.length - before.lastIndexOf('\n');
    const found = before.length >= text.trimEnd().length ? 'it ends too early' : `unexpected ${JSON.stringify(text[before.length])}`;
    report.fault({ ...place, line: (place.line ?? 1) + line - 1 }, `column ${column}: this is no JSON: ${found}`);
    return undefined;
  }
}

const literal = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const blank = /[ \t\r\n]*/y;

function after(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** The index behind the string that begins at `from`, or that of its fault as a negative number. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -at;
    if (code === 0x5c) {
      const escape = after(/\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y, text, at);
      if (escape < 0) return -at;
      at = escape - 1;
    }
  }
  return -text.length;
}

/** Where a text stops being JSON. */
function faultIn(text: string): number {
  const open: ('{' | '[')[] = [];
  let wants: 'value' | 'value or end' | 'key' | 'key or end' | 'comma' = 'value';
  for (let at = after(blank, text, 0); at < text.length; at = after(blank, text, at)) {
    const sign = text[at];
    const top = open.at(-1);
    const closes = (sign === '}' && top === '{') || (sign === ']' && top === '[');
    if (closes && wants !== 'value' && wants !== 'key') {
      open.pop();
      wants = 'comma';
      at += 1;
    } else if (wants === 'comma') {
      if (sign !== ',' || top === undefined) return at;
      wants = top === '{' ? 'key' : 'value';
      at += 1;
    } else if (wants === 'key' || wants === 'key or end') {
      if (sign !== '"') return at;
      const end = stringEnd(text, at);
      if (end < 0) return -end;
      const colon = after(blank, text, end);
      if (text[colon] !== ':') return colon;
      wants = 'value';
      at = colon + 1;
    } else if (sign === '{' || sign === '[') {
      open.push(sign);
      wants = sign === '{' ? 'key or end' : 'value or end';
      at += 1;
    } else {
      const end = sign === '"' ? stringEnd(text, at) : after(literal, text, at);
      if (end < 0) return sign === '"' ? -end : at;
      wants = 'comma';
      at = end;
    }
  }
  return text.length;
}

const pathOf = (base: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, member) => {
    if (typeof member === 'number') return `${text}[${member}]`;
    return text === '' ? String(member) : `${text}.${String(member)}`;
  }, base);

/** The value by its schema, or `undefined`, with a fault at every place that is wrong. */
export function shaped<S extends z.ZodType>(schema: S, value: unknown, report: Report, place: Place): z.output<S> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues.slice(0, 20))
    report.fault({ ...place, path: pathOf(place.path ?? '', issue.path) }, wordsOf(value, issue.path, plainWords(issue)));
  return undefined;
}

function wordsOf(value: unknown, path: readonly PropertyKey[], message: string): string {
  const found = path.reduce<unknown>((at, member) => (isObject(at) || Array.isArray(at) ? Reflect.get(at, member) : undefined), value);
  return found === undefined ? 'is missing' : message;
}

/** Tells the report which members of a value its schema does not know. */
export function tellUnknown(value: Readonly<Record<string, unknown>>, known: Readonly<Record<string, unknown>>, report: Report): void {
  for (const member of Object.keys(value))
    if (!Object.hasOwn(known, member) && !isEmpty(value[member])) report.unmapped(member.slice(0, 64));
}

const isEmpty = (value: unknown): boolean =>
  value == null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
