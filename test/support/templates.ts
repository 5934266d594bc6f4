import { TroupeError } from '../../src/errors.ts';
import type { ErrorDetails, Reason } from '../../src/errors.ts';
import type { JsonObject } from '../../src/protocol/values.ts';
import { checkTemplate } from '../../src/templates/check.ts';
import { assemble } from '../../src/templates/inherit.ts';
import { instantiate } from '../../src/templates/instantiate.ts';
import type { Instance } from '../../src/templates/instantiate.ts';
import { readTemplate } from '../../src/templates/read.ts';
import type { Template } from '../../src/templates/template.ts';
import { roles } from './service.ts';

/** Templates for tests, and what becomes of them. */

/** A small right template, each section as JSON5. */
export const textOf = (sections: Readonly<Record<string, string>> = {}): string =>
  [
    '{',
    `  metadata: ${sections['metadata'] ?? "{ name: 'Small', version: '1.0.0', description: 'For tests' }"},`,
    ...Object.entries({ tasks: "{ a: { title: 'A' } }", ...sections })
      .filter(([section]) => section !== 'metadata')
      .map(([section, text]) => `  ${section}: ${text},`),
    '}',
  ].join('\n');

/** The whole template of a text, and of those that it extends, bottom last; in files 0.json5, 1.json5 and so on. */
export function templateOf(...texts: readonly string[]): Template {
  const template = assemble(texts.map((text, index) => readTemplate(text, `${index}.json5`)));
  checkTemplate(template, { knowsSpecialist: (key) => roles.get(key) !== undefined });
  return template;
}

export const instanceOf = (text: string, parameters: JsonObject = {}): Instance =>
  instantiate(templateOf(text), parameters, { id: 'small', category: 'user' });

/** The refusal of something that must be refused, its first issue on top. */
export function refusalOf(act: () => unknown): { readonly reason: Reason; readonly message: string } & ErrorDetails {
  try {
    act();
  } catch (error) {
    if (error instanceof TroupeError) return { reason: error.reason, message: error.message, ...error.details };
    throw error;
  }
  throw new Error('it was not refused');
}

/** The faults of a template as `path (line): message`. */
export const faultsOf = (...texts: readonly string[]): string[] =>
  (refusalOf(() => templateOf(...texts)).issues ?? []).map(
    ({ file, path, line, message }) => `${file === '0.json5' ? '' : `${file}: `}${path} (${line}): ${message}`,
  );
