import * as z from 'zod';
import type { Json, JsonObject } from '../../protocol/values.ts';

/** What an answer may cost an agent's context, in bytes of JSON. */
export const answerBytes = 8_192;

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Cuts every text that is longer than `most` characters and says how much of it is shown. */
function cut(value: Json, most: number): Json {
  if (typeof value === 'string') {
    if (value.length <= most) return value;
    return `${value.slice(0, most).toWellFormed()}… [${most} of ${value.length} characters]`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => cut(item, most));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, most)]));
}

/**
 * Members of an answer, and of what is in it, keep their names; below that an object is as free as a list is long. When that is not
 * enough, what is in it was free as well.
 */
const namedDepths = [2, 1] as const;

/** Shortens every list, and every object that is `named` or more levels down, to `most` items. */
function shorten(value: Json, most: number, named: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.slice(0, most).map((item: Json) => shorten(item, most, named - 1));
  const entries = Object.entries(value);
  const kept = named > 0 ? entries : entries.slice(0, most);
  return Object.fromEntries(kept.map(([key, item]) => [key, shorten(item, most, named - 1)]));
}

/** The largest of 0…max for which the change makes the value fit, by halving; null when even 0 does not. */
function largest(max: number, fits: (most: number) => boolean): number | null {
  if (!fits(0)) return null;
  let [low, high] = [0, max];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Texts are cut no shorter than this while lists can still be shortened. */
const shortestText = 160;

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The answer within `bytes` of JSON: the longest texts are cut first, all to one length, then lists are shortened. `truncated` tells
 * that something is missing.
 */
export function fit(answer: JsonObject, bytes: number = answerBytes): JsonObject {
  if (sizeOf(answer) <= bytes) return answer;
  const marked = { ...answer, truncated: true };
  const fits = (candidate: Json): boolean => sizeOf(candidate) <= bytes;
  const text = largest(bytes, (most) => fits(cut(marked, Math.max(most, shortestText))));
  const texts = cut(marked, Math.max(text ?? 0, shortestText));
  if (text !== null) return isObject(texts) ? texts : marked;
  for (const named of namedDepths) {
    const items = largest(1_000, (most) => fits(shorten(texts, most, named)));
    const told = items === null ? null : shorten(texts, items, named);
    if (isObject(told)) return told;
  }
  return isObject(texts) ? texts : marked;
}

/** How many of the items, from the first on, fit into `bytes` of JSON together; at least one. */
export function countWithin(items: readonly unknown[], bytes: number): number {
  let left = bytes;
  const count = items.findIndex((item) => (left -= sizeOf(item) + 1) < 0);
  return count < 0 ? items.length : Math.max(1, count);
}

const json = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null);

/** What goes over the wire, without members that are undefined. */
export const asJson = (data: object): JsonObject => json.parse(JSON.parse(JSON.stringify(data)));
