import { readFile } from 'node:fs/promises';
import * as z from 'zod';

/** The tools of the reference system, and the little grammar in which their answers are written down. */

const argument = z.looseObject({
  type: z.string(),
  enum: z.array(z.string()).optional(),
  default: z.unknown().optional(),
  items: z.looseObject({ type: z.string(), enum: z.array(z.string()).optional() }).optional(),
});

const fixture = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      inputSchema: z.object({ properties: z.record(z.string(), argument), required: z.array(z.string()).default([]) }),
      successKeys: z.array(z.string()),
    }),
  ),
});

export type ReferenceTool = z.output<typeof fixture>['tools'][number];

export const referenceTools = fixture.parse(JSON.parse(await readFile('fixtures/mcp/reference-tools.json', 'utf8'))).tools;

/** A member of an answer: `a`, `a?`, `a|null`, `a="text"`, `a{members}`, `a[]`, `a[{members}]`, `a[][]`. */
interface Key {
  readonly name: string;
  readonly optional: boolean;
  readonly text: string | null;
  readonly kind: 'any' | 'object' | 'list';
  /** Of the object, or of each item of the list. */
  readonly members: readonly Key[];
}

/** Cuts at the commas outside of brackets. */
function cut(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const letter of text) {
    if (letter === '{' || letter === '[') depth += 1;
    if (letter === '}' || letter === ']') depth -= 1;
    if (letter === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += letter;
  }
  return [...parts, part.trim()].filter((one) => one !== '' && one !== '...');
}

const form = /^(?<name>\w+)(?<optional>\?|\|null)?(?:="(?<text>[^"]*)"|\{(?<object>.*)\}|\[(?<list>.*)\])?$/s;

export function parseKey(text: string): Key {
  const parts = form.exec(text)?.groups;
  if (parts?.['name'] === undefined) throw new Error(`no key: ${text}`);
  const { object, list } = parts;
  const inside = object ?? /^\{(.*)\}$/s.exec(list ?? '')?.[1] ?? '';
  return {
    name: parts['name'],
    optional: parts['optional'] === '?',
    text: parts['text'] ?? null,
    kind: object !== undefined ? 'object' : list !== undefined ? 'list' : 'any',
    members: cut(inside).map(parseKey),
  };
}

const note = 'with a breakdown also: ';

/** The keys of an answer; those of a plan's breakdown apart. */
export function keysOf({ successKeys }: ReferenceTool): { readonly always: readonly Key[]; readonly withBreakdown: readonly Key[] } {
  const [notes, plain] = [successKeys.filter((key) => key.startsWith(note)), successKeys.filter((key) => !key.startsWith(note))];
  return { always: plain.map(parseKey), withBreakdown: notes.flatMap((one) => cut(one.slice(note.length)).map(parseKey)) };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is missing or otherwise in an answer, a line each. Items of a list are looked at one by one. */
export function missingFrom(answer: unknown, keys: readonly Key[], place = ''): string[] {
  if (!isRecord(answer)) return [`${place} is no object`];
  return keys.flatMap(({ name, optional, text, kind, members }) => {
    const at = place === '' ? name : `${place}.${name}`;
    const value = answer[name];
    if (value === undefined) return optional ? [] : [`${at} is missing`];
    if (text !== null && value !== text) return [`${at} is ${JSON.stringify(value)}, not "${text}"`];
    if (kind === 'object') return missingFrom(value, members, at);
    if (kind !== 'list') return [];
    if (!Array.isArray(value)) return [`${at} is no list`];
    return members.length === 0 ? [] : value.flatMap((item: unknown, index) => missingFrom(item, members, `${at}[${index}]`));
  });
}
