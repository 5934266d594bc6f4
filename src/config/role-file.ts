import { isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import type * as z from 'zod';
import { plainWords } from '../protocol/plain-words.ts';
import { roleChanges, roleMembers } from '../specialists/role.ts';
import type { RoleChanges } from '../specialists/role.ts';

/** A role file that cannot be used. The message is one line: `roles/coder.yaml: expertise[2]: expected string (line 7)`. */
export class RoleFileError extends Error {
  override readonly name = 'RoleFileError';
  /** From the project's folder, for example `roles/coder.yaml`. */
  readonly file: string;
  /** The member at fault, for example `expertise[2]`; empty when it is the file. */
  readonly path: string;
  /** From 1; absent when the file could not be read. */
  readonly line: number | undefined;

  constructor(file: string, message: string, place: { path?: string; line?: number | undefined; column?: number } = {}) {
    const { path = '', line, column } = place;
    const member = path === '' ? '' : `${path}: `;
    const where = line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
    super(`${file}: ${member}${message}${where}`.replaceAll(/\s*[\r\n]\s*/g, ' '));
    this.file = file;
    this.path = path;
    this.line = line;
  }
}

export interface RoleFile {
  readonly file: string;
  readonly changes: RoleChanges;
  /** The line of a member, of the nearest member around it, or of the file's beginning. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/** Reads the text of one role file. Throws RoleFileError. */
export function parseRoleFile(file: string, source: string): RoleFile {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true, logLevel: 'error' });
  // A warning means a tag that is not known, so a value that is not what its author believes.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    const message = fault.code === 'MULTIPLE_DOCS' ? 'holds more than one document' : fault.message;
    throw new RoleFileError(file, `broken YAML: ${message}`, { line, column: col });
  }
  // A role needs no aliases, and a few of them can stand for gigabytes.
  visit(document, {
    Alias: (_, { range }) => {
      throw new RoleFileError(file, 'aliases are not read', { line: lines.linePos(range?.[0] ?? 0).line });
    },
  });
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  if (value === null) throw new RoleFileError(file, `is empty; a role has ${roleMembers.join(', ')}`);
  const lineOf = (path: readonly PropertyKey[]): number => lines.linePos(offsetOf(document, path)).line;
  const parsed = roleChanges.safeParse(value);
  if (!parsed.success) throw faultOf(file, parsed.error.issues, lineOf);
  return { file, changes: parsed.data, lineOf };
}

/** The first fault in the file's order, as an error. */
export function faultOf(file: string, issues: readonly z.core.$ZodIssue[], lineOf: RoleFile['lineOf']): RoleFileError {
  const faults = issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const path = [...issue.path, ...unknown];
    const message = unknown.length > 0 ? `unknown member; a role has ${roleMembers.join(', ')}` : plainWords(issue);
    return { path: writePath(path), message, line: lineOf(path) };
  });
  const [first] = faults.toSorted((a, b) => a.line - b.line);
  return new RoleFileError(file, first?.message ?? 'is no role', first ?? {});
}

function writePath(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : String(step)))
    .join('.')
    .replaceAll('.[', '[');
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const around = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const step = path[length - 1];
    const pair = isMap(around) ? around.items.find(({ key }) => isScalar(key) && key.value === step) : undefined;
    const node: unknown = isPair(pair) ? pair.key : document.getIn(path.slice(0, length), true);
    const offset = rangeOf(node);
    if (offset !== undefined) return offset;
  }
  return rangeOf(document.contents) ?? 0;
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const [start]: unknown[] = node.range;
  return typeof start === 'number' ? start : undefined;
}
