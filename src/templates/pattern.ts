import { templateLimits } from './limits.ts';

/**
 * Patterns come from whoever writes templates, and values from whoever uses them, so no pattern may take longer than its
 * length times the value's. The engine's own matching goes back and tries again, which can take for ever; this one walks all ways
 * at once. It knows what such a walk can know: characters, classes, groups, `|`, `* + ? {n,m}`, `^` and `$`; and refuses
 * what it can't: references back, looks ahead and behind, word boundaries.
 */

export interface Pattern {
  /** Whether the pattern is found anywhere in the text, as with RegExp: `^` and `$` bind it to the ends. */
  readonly test: (text: string) => boolean;
}

type State =
  | { readonly kind: 'character'; readonly takes: (character: string) => boolean; next: number }
  | { readonly kind: 'fork'; next: number; other: number }
  | { readonly kind: 'start' | 'end'; next: number }
  | { readonly kind: 'found' };

/** A tree of what was written. */
type Node =
  | { readonly kind: 'character'; readonly takes: (character: string) => boolean }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** The pattern, or why it is none. */
export function compilePattern(text: string): Pattern | string {
  if (text.length > templateLimits.patternLength) return `longer than ${templateLimits.patternLength} characters`;
  try {
    const states: State[] = [{ kind: 'found' }];
    const first = build(new Reader(text).whole(), 0, states);
    return { test: (value) => found(states, first, value) };
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

class Reader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#characters = Array.from(text);
  }

  whole(): Node {
    const node = this.#choice();
    if (this.#at < this.#characters.length) throw new PatternError('a ")" has no "("');
    return node;
  }

  get #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #choice(): Node {
    const parts: Node[] = [this.#sequence()];
    while (this.#next === '|') {
      this.#at += 1;
      parts.push(this.#sequence());
    }
    return { kind: 'choice', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')') parts.push(this.#repeated());
    return { kind: 'sequence', parts };
  }

  #repeated(): Node {
    const part = this.#one();
    const bounds = this.#bounds();
    if (bounds === null) return part;
    // A lazy one finds the same texts.
    if (this.#next === '?') this.#at += 1;
    if (this.#bounds() !== null) throw new PatternError('nothing to repeat');
    return { kind: 'repeat', part, ...bounds };
  }

  #bounds(): { readonly least: number; readonly most: number } | null {
    const sign = this.#next;
    if (sign === '*' || sign === '+' || sign === '?') {
      this.#at += 1;
      return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
    }
    if (sign !== '{') return null;
    const written = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(this.#characters.slice(this.#at, this.#at + 12).join(''));
    if (written === null) throw new PatternError('after "{" come one or two numbers and "}"; write \\{ for the sign itself');
    const [all, least, comma, most] = written;
    this.#at += all.length;
    const bounds = { least: Number(least), most: comma === undefined ? Number(least) : most === undefined ? Infinity : Number(most) };
    if (bounds.most < bounds.least) throw new PatternError(`in ${all} the second number is the smaller one`);
    return bounds;
  }

  #one(): Node {
    const character = this.#next ?? '';
    this.#at += 1;
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    if (character === '\\') return this.#escape();
    if (character === '^') return { kind: 'start' };
    if (character === '$') return { kind: 'end' };
    if ('*+?'.includes(character)) throw new PatternError(`nothing to repeat before "${character}"`);
    if ('{}]'.includes(character)) throw new PatternError(`write \\${character} for the sign itself`);
    return { kind: 'character', takes: character === '.' ? (given) => !/[\n\r\u2028\u2029]/.test(given) : (given) => given === character };
  }

  #group(): Node {
    if (this.#next === '?') {
      if (this.#characters[this.#at + 1] !== ':') throw new PatternError('of the groups only ( ) and (?: ) are known');
      this.#at += 2;
    }
    const node = this.#choice();
    if (this.#next !== ')') throw new PatternError('a "(" has no ")"');
    this.#at += 1;
    return node;
  }

  #class(): Node {
    const start = this.#at - 1;
    while (this.#next !== undefined && this.#next !== ']') this.#at += this.#next === '\\' ? 2 : 1;
    if (this.#next === undefined) throw new PatternError('a "[" has no "]"');
    this.#at += 1;
    return single(this.#characters.slice(start, this.#at).join(''));
  }

  #escape(): Node {
    const rest = this.#characters.slice(this.#at, this.#at + 40).join('');
    const long = /^(?:[pP]\{[\w=]{1,36}\}|u\{[\da-fA-F]{1,6}\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z])/.exec(rest)?.[0];
    const written = long ?? Array.from(rest)[0] ?? '';
    if (written === '') throw new PatternError('ends with a "\\"');
    if (/^[1-9kbB]/.test(written)) throw new PatternError(`\\${written} is not known: no references back, no word boundaries`);
    this.#at += written.length;
    return single(`\\${written}`);
  }
}

/** What stands for one character is left to the engine, which decides on one character at a time. */
function single(written: string): Node {
  // Other languages allow a backslash before any sign; without the flag so does this one.
  const one = regExp(`^${written}$`, 'u') ?? regExp(`^${written}$`, '');
  if (one === null) throw new PatternError(`${written} is no character and no class of characters`);
  return { kind: 'character', takes: (character) => one.test(character) };
}

function regExp(written: string, flags: string): RegExp | null {
  try {
    return new RegExp(written, flags);
  } catch {
    return null;
  }
}

/** Puts states for the node before `next`; answers the first of them. */
function build(node: Node, next: number, states: State[]): number {
  const add = (state: State): number => {
    if (states.length >= templateLimits.patternStates) throw new PatternError('repeats too much: it would not be quick to match');
    return states.push(state) - 1;
  };
  switch (node.kind) {
    case 'character':
      return add({ kind: 'character', takes: node.takes, next });
    case 'start':
    case 'end':
      return add({ kind: node.kind, next });
    case 'sequence':
      return node.parts.toReversed().reduce((after, part) => build(part, after, states), next);
    case 'choice':
      return node.parts.map((part) => build(part, next, states)).reduceRight((other, first) => add({ kind: 'fork', next: first, other }));
    case 'repeat': {
      let first = next;
      if (node.most === Infinity) {
        const fork: State = { kind: 'fork', next: 0, other: next };
        first = add(fork);
        fork.next = build(node.part, first, states);
      } else
        for (let count = node.least; count < node.most; count += 1)
          first = add({ kind: 'fork', next: build(node.part, first, states), other: next });
      for (let count = 0; count < node.least; count += 1) {
        const before = build(node.part, first, states);
        // What takes nothing takes nothing however often.
        if (before === first) break;
        first = before;
      }
      return first;
    }
  }
}

function found(states: readonly State[], first: number, text: string): boolean {
  const characters = Array.from(text);
  let now = new Set<number>();
  for (let at = 0; at <= characters.length; at += 1) {
    // A match may begin here; and whatever costs no character is done before the next one is looked at.
    now.add(first);
    for (const index of now) {
      const state = states[index];
      if (state === undefined) continue;
      if (state.kind === 'found') return true;
      if (state.kind === 'fork') now.add(state.next).add(state.other);
      else if ((state.kind === 'start' && at === 0) || (state.kind === 'end' && at === characters.length)) now.add(state.next);
    }
    const character = characters[at];
    if (character === undefined) return false;
    const after = new Set<number>();
    for (const index of now) {
      const state = states[index];
      if (state?.kind === 'character' && state.takes(character)) after.add(state.next);
    }
    now = after;
  }
  return false;
}
