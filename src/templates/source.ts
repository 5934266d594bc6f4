import JSON5 from 'json5';
import type { Issue } from '../errors.ts';
import { pathText } from '../protocol/messages.ts';
import { invalidTemplate } from './fault.ts';
import { hostileKeys, templateLimits } from './limits.ts';

/** The text of a template as a value, and where in the text each part of it stands. */

export interface Source {
  readonly value: unknown;
  /** The line of a member, or of the nearest one around it that is there; and how many steps of the path are there. */
  readonly placeOf: (path: readonly PropertyKey[]) => { readonly line: number; readonly known: number };
}

interface Place {
  readonly offset: number;
  readonly members: Map<string, Place>;
}

/** Reads JSON5. Throws TEMPLATE_INVALID: too large, no JSON5, too deep, a key twice, a key that reaches a prototype. */
export function readSource(text: string, file?: string): Source {
  const named = (issue: Issue): Issue => (file === undefined ? issue : { ...issue, file });
  // UTF-8 is at least as long as the text, so most texts need no counting.
  const bytes = text.length * 3 <= templateLimits.bytes ? 0 : new TextEncoder().encode(text).length;
  if (bytes > templateLimits.bytes)
    throw invalidTemplate([named({ path: '', message: `${bytes} bytes; a template has at most ${templateLimits.bytes}` })]);
  if (!text.isWellFormed()) throw invalidTemplate([named({ path: '', message: 'not well-formed Unicode: a surrogate stands alone' })]);
  let value: unknown;
  try {
    value = JSON5.parse(text);
  } catch (error) {
    throw invalidTemplate([named(syntaxIssue(error))]);
  }
  const scan = new Scan(text);
  const root = scan.value([], []);
  if (scan.issues.length > 0) throw invalidTemplate(scan.issues.map(named));
  return {
    value,
    placeOf(path) {
      let place = root;
      let known = 0;
      for (const step of path) {
        const next = place.members.get(String(step));
        if (next === undefined) break;
        place = next;
        known += 1;
      }
      return { line: scan.lineAt(place.offset), known };
    },
  };
}

function syntaxIssue(error: unknown): Issue {
  if (!(error instanceof Error)) throw error;
  const message = error.message.replace(/^JSON5: /, '').replace(/ at \d+:\d+$/, '');
  const line = 'lineNumber' in error && typeof error.lineNumber === 'number' ? { line: error.lineNumber } : {};
  const column = 'columnNumber' in error && typeof error.columnNumber === 'number' ? `, column ${error.columnNumber}` : '';
  return { path: '', message: `broken JSON5: ${message}${column}`, ...line };
}

/** Finds the parts of a text that is known to be JSON5, so it need not understand what it skips. */
class Scan {
  readonly issues: Issue[] = [];
  readonly #text: string;
  readonly #lineStarts: number[] = [0];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) this.#lineStarts.push(index + end.length);
  }

  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** Stops at the first fault that would make the rest meaningless or endless. */
  value(path: PropertyKey[], keyOf: readonly number[]): Place {
    this.#skip();
    const place: Place = { offset: keyOf[0] ?? this.#at, members: new Map() };
    const open = this.#text[this.#at];
    if (open !== '{' && open !== '[') {
      this.#scalar();
      return place;
    }
    if (path.length >= templateLimits.depth) {
      this.#fault(path, this.#at, `nested deeper than ${templateLimits.depth} levels`);
      this.#at = this.#text.length;
      return place;
    }
    this.#at += 1;
    for (let index = 0; this.#more(open === '{' ? '}' : ']'); index += 1) {
      const offset = this.#at;
      const key = open === '{' ? this.#key() : index;
      const inner = [...path, key];
      if (hostileKeys.has(String(key))) this.#fault(inner, offset, 'this key is refused');
      if (place.members.has(String(key))) this.#fault(inner, offset, 'this key is there twice');
      place.members.set(String(key), this.value(inner, open === '{' ? [offset] : []));
    }
    return place;
  }

  #fault(path: readonly PropertyKey[], offset: number, message: string): void {
    this.issues.push({ path: pathText(path), message, line: this.lineAt(offset) });
  }

  /** Whether another member follows; goes behind the closing bracket when none does. */
  #more(close: string): boolean {
    this.#skip();
    if (this.#text[this.#at] === ',') {
      this.#at += 1;
      this.#skip();
    }
    if (this.#at >= this.#text.length) return false;
    if (this.#text[this.#at] !== close) return true;
    this.#at += 1;
    return false;
  }

  #key(): string {
    const start = this.#at;
    this.#scalar();
    const written = this.#text.slice(start, this.#at);
    this.#skip();
    this.#at += 1;
    // Whatever way it was written in, quoted or with escapes.
    const [key = ''] = Object.keys(JSON5.parse<Record<string, unknown>>(`{${written}:0}`));
    return key;
  }

  #scalar(): void {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") {
      for (this.#at += 1; this.#at < this.#text.length && this.#text[this.#at] !== quote; this.#at += 1)
        if (this.#text[this.#at] === '\\') this.#at += 1;
      this.#at += 1;
    } else this.#to(/[\s,:\]}/]/g, 0);
  }

  #skip(): void {
    for (;;) {
      this.#to(/\S/g, 0);
      if (this.#text.startsWith('//', this.#at)) this.#to(/[\n\r\u2028\u2029]/g, 0);
      else if (this.#text.startsWith('/*', this.#at)) this.#to(/\*\//g, 2);
      else return;
    }
  }

  #to(end: RegExp, beyond: number): void {
    end.lastIndex = this.#at;
    const found = end.exec(this.#text);
    this.#at = found === null ? this.#text.length : found.index + beyond;
  }
}
