import type { Issue } from '../errors.ts';
import type { Place } from './source.ts';

/** What a reader has to say: faults, for which nothing is imported, and remarks on what became of what could not be mapped. */
export class Report {
  readonly faults: Issue[] = [];
  readonly remarks: Issue[] = [];
  readonly #members = new Map<string, number>();

  fault(place: Place, message: string): void {
    this.faults.push(issueAt(place, message));
  }

  remark(place: Place, message: string): void {
    this.remarks.push(issueAt(place, message));
  }

  /** Something that the source says and a task of ours has no place for; told once, with how often it occurs. */
  unmapped(what: string): void {
    this.#members.set(what, (this.#members.get(what) ?? 0) + 1);
  }

  /** Members of the source by how many tasks have them. */
  get members(): ReadonlyMap<string, number> {
    return this.#members;
  }
}

function issueAt({ file, line, path }: Place, message: string): Issue {
  return { path: path ?? '', message, ...(line !== undefined && { line }), ...(file !== undefined && { file }) };
}

/** Control characters can drive a terminal; a line break would make two lines of one. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').toWellFormed();

/** `tasks.json: line 3: master.tasks[2].title: is missing` */
export function sentenceOf({ file, line, path, message }: Issue): string {
  const parts = [file, line === undefined ? undefined : `line ${line}`, path, message];
  return printable(parts.filter((part) => part !== undefined && part !== '').join(': '));
}
