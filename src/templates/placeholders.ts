import type { Issue } from '../errors.ts';
import type { Json } from '../protocol/values.ts';
import { invalidTemplate } from './fault.ts';
import { templateLimits } from './limits.ts';
import type { Template } from './template.ts';

/**
 * `{{name}}` stands for a parameter or a variable; `\{{` for the two braces. What is put in is not looked at again, so a value
 * can't bring placeholders of its own. A text that is one placeholder and nothing else becomes the value, a list as a list.
 */

type Piece = { readonly text: string } | { readonly name: string } | { readonly fault: string };

const placeholder = /\\\{\{|\{\{([^{}]*)\}\}|\{\{/g;
const nameRule = /^\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*$/;

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, 0: all, 1: inner } of text.matchAll(placeholder)) {
    if (index > end) pieces.push({ text: text.slice(end, index) });
    end = index + all.length;
    const name = inner === undefined ? undefined : nameRule.exec(inner)?.[1];
    if (all.startsWith('\\')) pieces.push({ text: '{{' });
    else if (name !== undefined) pieces.push({ name });
    else if (inner === undefined) pieces.push({ fault: 'a "{{" has no "}}"; write \\\\{{ for the braces themselves' });
    else pieces.push({ fault: `{{${inner.slice(0, 40)}}} names no parameter: a name is letters, digits and _` });
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** What stands between the braces of a value, and the faults, without putting anything in. */
export function namesIn(
  value: unknown,
  path: readonly PropertyKey[],
  told: (name: string | null, path: readonly PropertyKey[], fault: string) => void,
): void {
  if (typeof value === 'string') {
    if (!value.includes('{{')) return;
    for (const piece of piecesOf(value)) {
      if ('name' in piece) told(piece.name, path, '');
      else if ('fault' in piece) told(null, path, piece.fault);
    }
  } else if (Array.isArray(value)) value.forEach((item, index) => namesIn(item, [...path, index], told));
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) namesIn(item, [...path, key], told);
}

/** Puts values in. Variables are worked out when they are first needed. */
export class Filler {
  readonly #template: Template;
  readonly #values: Map<string, Json>;
  readonly #sizes = new Map<string, number>();
  readonly #working = new Set<string>();
  /** What could not be put in. */
  readonly issues: Issue[] = [];
  #substituted = 0;

  constructor(template: Template, parameters: Readonly<Record<string, Json>>) {
    this.#template = template;
    this.#values = new Map(Object.entries(parameters));
  }

  /** The text with everything put in. */
  text(value: string, path: readonly PropertyKey[]): string {
    return written(this.#text(value, path));
  }

  /** A list of texts; a list that is put in for one of them comes line by line. */
  lines(value: string | readonly string[], path: readonly PropertyKey[]): string[] {
    if (typeof value !== 'string') return value.flatMap((item, index) => this.lines(item, [...path, index]));
    const filled = this.#text(value, path);
    return isList(filled) ? filled.map(written) : [written(filled)];
  }

  #json(value: Json, path: readonly PropertyKey[]): Json {
    if (typeof value === 'string') return this.#text(value, path);
    if (isList(value)) return value.map((item, index) => this.#json(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#json(item, [...path, key])]));
  }

  #text(text: string, path: readonly PropertyKey[]): Json {
    if (!text.includes('{{')) return text;
    const pieces = piecesOf(text);
    const [only] = pieces;
    if (pieces.length === 1 && only !== undefined && 'name' in only) return this.#value(only.name, path) ?? '';
    return pieces
      .map((piece) => {
        if ('text' in piece) return piece.text;
        if ('name' in piece) return written(this.#value(piece.name, path) ?? '');
        this.#fault(path, piece.fault);
        return '';
      })
      .join('');
  }

  /** Undefined, with a fault told, when there is none. */
  #value(name: string, path: readonly PropertyKey[]): Json | undefined {
    const value = this.#values.get(name) ?? this.#variable(name, path);
    if (value === undefined) {
      if (!Object.hasOwn(this.#template.variables, name)) this.#fault(path, `{{${name}}} has no value: ${this.#whyNot(name)}`);
      return undefined;
    }
    let size = this.#sizes.get(name);
    if (size === undefined) this.#sizes.set(name, (size = JSON.stringify(value).length));
    this.#substituted += size;
    // A variable made of variables can double with each of them, so this can't wait for the end.
    if (this.#substituted > templateLimits.substituted)
      throw invalidTemplate([this.#template.issueAt(path, `placeholders put in more than ${templateLimits.substituted} characters`)]);
    return value;
  }

  #variable(name: string, path: readonly PropertyKey[]): Json | undefined {
    const { variables } = this.#template;
    const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (given === undefined) return undefined;
    if (this.#working.has(name)) {
      this.#fault(path, `{{${name}}} is made of itself: ${[...this.#working, name].join(', ')}`);
      return undefined;
    }
    this.#working.add(name);
    const value = this.#json(given, ['variables', name]);
    this.#working.delete(name);
    this.#values.set(name, value);
    return value;
  }

  #whyNot(name: string): string {
    if (Object.hasOwn(this.#template.parameters, name)) return 'it is not required, has no default, and was not given';
    return `there is no such parameter or variable${known(this.#template)}`;
  }

  #fault(path: readonly PropertyKey[], message: string): void {
    this.issues.push(this.#template.issueAt(path, message));
  }
}

/** What a message says of the names that there are. */
export function known({ parameters, variables }: Template): string {
  const names = [...Object.keys(parameters), ...Object.keys(variables)];
  return names.length === 0 ? '' : `; there are ${names.slice(0, 20).join(', ')}`;
}

/** A value inside a text. */
function written(value: Json): string {
  if (typeof value === 'string') return value;
  if (isList(value) && value.every((item) => typeof item !== 'object')) return value.join(', ');
  return JSON.stringify(value);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
