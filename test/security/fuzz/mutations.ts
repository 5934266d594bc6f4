/** Makes messages wrong: by their structure, then by their bytes. */

export type Random = () => number;

const hostileKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'toJSON', '', '$ref', '\0', 'a.b[0]'];
const numbers = [0, -0, -1, 1.5, 1e-7, 2 ** 31, 2 ** 32 + 1, 2 ** 53, -(2 ** 53), 1e21, 1.797e308, 255, 65_536, 3];
const texts = [
  '',
  ' ',
  '\0',
  'a\u0000b',
  '\ud800',
  '\udfff tail',
  '\u202e',
  '\ufeff',
  '../../etc/passwd',
  '__proto__',
  '%00',
  "'; --",
  '${7*7}',
];
const mostBytes = 262_144;

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

/** The places of members and items below a value, as far as they differ from each other. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || path.length > 8) return [];
  return Object.entries(value)
    .slice(0, 40)
    .flatMap(([key, item]) => [[...path, key], ...placesOf(item, [...path, key])]);
}

type Entries = readonly (readonly [string, unknown])[];

/** A copy in which `change` has replaced the members of one object or list; keys like `__proto__` become members of their own. */
function rebuild(value: unknown, path: readonly string[], change: (entries: Entries) => Entries): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [next, ...rest] = path;
  const entries = Object.entries(value);
  const changed =
    next === undefined ? change(entries) : entries.map(([key, item]) => [key, key === next ? rebuild(item, rest, change) : item] as const);
  return Array.isArray(value) ? changed.map(([, item]) => item) : Object.fromEntries(changed);
}

const nested = (levels: number, inList: boolean): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = inList ? [value] : { a: value };
  return value;
};

/** A value where another one was expected. */
function otherValue(random: Random, value: unknown, id: () => string): unknown {
  // Mostly few; the limits of the schemas lie between.
  const upTo = (most: number) => Math.floor(random() ** 6 * most);
  const kinds: readonly (() => unknown)[] = [
    () => pick(random, numbers),
    () => pick(random, texts),
    () => pick(random, [null, true, false, [], {}, [[]], [null]]),
    () => id(),
    () => 'x'.repeat(upTo(20_000)),
    () => pick(random, ['é', '🚀', '\ud83d', '\0', '\\', '"']).repeat(upTo(6_000)),
    () => nested(random() < 0.1 ? 2_000 : 1 + Math.floor(random() * 40), random() < 0.5),
    () => Array.from({ length: upTo(1_200) }, () => value),
    () => Object.fromEntries(Array.from({ length: upTo(300) }, (_, index) => [`k${index}`, value])),
    () => Object.fromEntries([[pick(random, hostileKeys), value]]),
    () => [value],
    () => JSON.stringify(value),
  ];
  return pick(random, kinds)();
}

/** Drops, doubles, renames or replaces a member somewhere, or adds one. */
function mutateStructure(random: Random, message: unknown, id: () => string): unknown {
  const path = pick(random, placesOf(message));
  const key = path.at(-1) ?? '';
  const change = (entries: Entries): Entries => {
    const at = entries.findIndex(([name]) => name === key);
    const [, value] = entries[at] ?? ['', null];
    const kinds: readonly (() => Entries)[] = [
      () => entries.filter((_, index) => index !== at),
      () => [...entries, [`${key}2`, value]],
      () => entries.with(at, [pick(random, [...hostileKeys, key.toUpperCase(), `${key} `]), value]),
      () => [...entries, [pick(random, hostileKeys), value]],
      () => [...entries, [pick(random, hostileKeys), otherValue(random, value, id)]],
      () => entries.with(at, [key, otherValue(random, value, id)]),
      () => entries.with(at, [key, otherValue(random, value, id)]),
      () => entries.with(at, [key, otherValue(random, value, id)]),
      () => entries.with(at, [key, typeof value === 'string' ? id() : (entries.at(-1)?.[1] ?? null)]),
    ];
    return pick(random, kinds)();
  };
  return rebuild(message, path.slice(0, -1), change);
}

/** Truncates, flips, inserts, cuts out or repeats bytes. */
function mutateBytes(random: Random, bytes: Buffer): Buffer {
  const at = Math.floor(random() * bytes.length);
  const to = Math.min(bytes.length, at + 1 + Math.floor(random() * 8));
  const kinds: readonly (() => Buffer)[] = [
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]),
    () => Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), Buffer.from([Math.floor(random() * 256)]), bytes.subarray(at)]),
    () =>
      Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(pick(random, ['"', '\\', '{', '}', ',', '\0', '[', '1e999', '\\u0000', '/**/', 'NaN'])),
        bytes.subarray(at),
      ]),
    () => {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 7));
      return flipped;
    },
    () => Buffer.concat([bytes, Buffer.alloc(Math.max(0, mostBytes - bytes.length + Math.floor(random() * 2)), ' ')]),
  ];
  // What fills a whole message costs more than the rest.
  const kind = random() < 0.01 ? kinds.length - 1 : Math.floor(random() * (kinds.length - 1));
  return kinds[kind]?.() ?? bytes;
}

/** One to three of these. */
export function mutate(random: Random, message: unknown, id: () => string): Buffer {
  let mutant = message;
  const inBytes = random() < 0.3;
  let text = JSON.stringify(mutant);
  for (let times = inBytes ? Math.floor(random() * 2) : 1 + Math.floor(random() * 3); times > 0; times -= 1) {
    if (text.length > 50_000 || placesOf(mutant).length === 0) break;
    mutant = mutateStructure(random, mutant, id);
    text = JSON.stringify(mutant);
  }
  const bytes = Buffer.from(text);
  return inBytes && bytes.length > 0 ? mutateBytes(random, bytes) : bytes;
}
