import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arrange } from '../../src/exchange/arrange.ts';
import type { Arranged } from '../../src/exchange/arrange.ts';
import { formatOf, readers } from '../../src/exchange/formats.ts';
import { Report, sentenceOf } from '../../src/exchange/report.ts';
import type { ReadOptions, SourceFile, SourceTask } from '../../src/exchange/source.ts';

export interface ReadSource {
  readonly format: string | null;
  readonly read: readonly SourceTask[];
  readonly arranged: Arranged;
  readonly report: Report;
  readonly faults: readonly string[];
  readonly remarks: readonly string[];
}

export const fixture = async (name: string): Promise<SourceFile> => ({
  name: name.split('/').at(-1) ?? name,
  text: await readFile(join('fixtures/import', name), 'utf8'),
});

/** Texts through everything that is pure: found out, read, arranged. */
export function readTexts(files: readonly SourceFile[], options: ReadOptions & { done?: boolean; format?: string } = {}): ReadSource {
  const report = new Report();
  const format = options.format ?? formatOf(files, report);
  const read = format === null ? [] : (readers[format]?.read(files, report, options) ?? []);
  const arranged = arrange(read, { done: options.done ?? false }, report);
  return { format, read, arranged, report, faults: report.faults.map(sentenceOf), remarks: report.remarks.map(sentenceOf) };
}

/** `key [title] < waits for`, indented as the tree is. */
export function outline(trees: readonly SourceTask[], indent = ''): string[] {
  return trees.flatMap(({ key, status, given, dependsOn, tasks }) => {
    const edges = dependsOn.map(({ on, kind }) => (kind === undefined || kind === 'completion' ? on : `${on} (${kind})`));
    const line = `${indent}${key}${status === 'open' ? '' : ` {${status}}`} ${given.title}${edges.length === 0 ? '' : ` < ${edges.join(', ')}`}`;
    return [line, ...outline(tasks, `${indent}  `)];
  });
}
