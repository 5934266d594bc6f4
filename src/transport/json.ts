import { TroupeError } from '../errors.ts';
import { pathText } from '../protocol/messages.ts';
import { limits } from '../protocol/values.ts';

/** Names that reach an object's prototype when a program copies members without care. */
const hostile = new Set(['__proto__', 'constructor', 'prototype']);

/** PARSE_ERROR when the text is no JSON. Hostile content is found by `faultOf`, once the caller knows whom to answer. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TroupeError('PARSE_ERROR', 'the message is no JSON');
  }
}

/** Refuses nesting of more than 32 levels and keys like `__proto__`, naming the place; null when there is nothing to refuse. */
export function faultOf(value: unknown): TroupeError | null {
  const path: (string | number)[] = [];
  const message = walk(value, path);
  if (message === null) return null;
  // Places in the params are told as the method's own checks tell them.
  const inParams = path[0] === 'params';
  const place = pathText(inParams ? path.slice(1) : path);
  const reason = inParams ? 'INVALID_PARAMS' : 'INVALID_REQUEST';
  return new TroupeError(reason, `${place}: ${message}`, { issues: [{ path: place, message }] });
}

/** Leaves `path` at the fault that it answers. */
function walk(value: unknown, path: (string | number)[]): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (path.length >= limits.jsonDepth) return `nested deeper than ${limits.jsonDepth} levels`;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (typeof item !== 'object' || item === null) continue;
      path.push(index);
      const fault = walk(item, path);
      if (fault !== null) return fault;
      path.pop();
    }
    return null;
  }
  for (const [key, item] of Object.entries(value)) {
    path.push(key);
    if (hostile.has(key)) return 'this key is refused';
    const fault = walk(item, path);
    if (fault !== null) return fault;
    path.pop();
  }
  return null;
}
