import type { Issue } from '../errors.ts';
import { issuesOf } from '../protocol/messages.ts';
import { invalidTemplate } from './fault.ts';
import { writtenTemplate } from './format.ts';
import type { WrittenTemplate } from './format.ts';
import { readSource } from './source.ts';
import type { Source } from './source.ts';

/** One template as its text says it, before what it extends is added. */
export interface ReadTemplate {
  /** How messages call it, for example `templates/user/release.json5`; absent for a text that is in no file. */
  readonly file: string | undefined;
  readonly written: WrittenTemplate;
  readonly placeOf: Source['placeOf'];
}

/** Throws TEMPLATE_INVALID with every fault of the text, each with its line. */
export function readTemplate(text: string, file?: string): ReadTemplate {
  const { value, placeOf } = readSource(text, file);
  const faults: Issue[] = unwritable(value, '');
  const parsed = writtenTemplate.safeParse(value, { error: (issue) => (issue.input === undefined ? 'is missing' : undefined) });
  if (!parsed.success) faults.push(...issuesOf(parsed.error));
  if (faults.length > 0 || !parsed.success)
    throw invalidTemplate(
      faults.map(({ path, message }) => ({
        path,
        message,
        line: placeOf(stepsOf(path)).line,
        ...(file === undefined ? {} : { file }),
      })),
    );
  return { file, written: parsed.data, placeOf };
}

/** The steps of a place as `pathText` writes it; no key of a template has a dot or a bracket in it. */
function stepsOf(path: string): readonly string[] {
  return path.split(/[.[\]]+/).filter((step) => step !== '');
}

/** JSON5 has numbers that JSON can't write. */
function unwritable(value: unknown, path: string): Issue[] {
  if (typeof value === 'number' && !Number.isFinite(value)) return [{ path, message: `${value} can't be stored` }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([step, inner]) =>
    unwritable(inner, Array.isArray(value) ? `${path}[${step}]` : path === '' ? step : `${path}.${step}`),
  );
}
