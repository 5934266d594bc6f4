import { TroupeError } from '../errors.ts';
import { formatTime } from '../clock.ts';
import type { Output } from '../protocol/methods.ts';
import { checkTemplate } from '../templates/check.ts';
import { invalidTemplate } from '../templates/fault.ts';
import { assemble } from '../templates/inherit.ts';
import type { StoredTemplate, TemplateLibrary } from '../templates/library.ts';
import { isTemplateId, templateCategories, templateLimits } from '../templates/limits.ts';
import type { TemplateCategory } from '../templates/limits.ts';
import { readTemplate } from '../templates/read.ts';
import type { ReadTemplate } from '../templates/read.ts';
import type { Template } from '../templates/template.ts';
import type { Caller } from './caller.ts';
import { nearest } from './nearest.ts';
import type { Services } from './services.ts';

/** Templates as the use cases find them: by id, with what they extend, checked. */

/** What a project made goes before what was built in. */
const searched: readonly TemplateCategory[] = ['user', 'shared', 'builtin'];

/** As much of the services as templates are made of. */
export type Shelf = Pick<Services, 'templates' | 'roles'>;

type Reference = { readonly id: string; readonly category: TemplateCategory };

/** Templates are everybody's who uses the directory, so whoever opens only some of its projects can't change them. */
export function requireWholeDirectory(caller: Caller): void {
  if (caller.projects !== null)
    throw new TroupeError('FORBIDDEN', 'templates belong to all projects, and the token opens only some', {
      fix: 'use a token that opens all projects',
    });
}

export async function lookFor(library: TemplateLibrary, id: string, category?: TemplateCategory): Promise<StoredTemplate | null> {
  for (const place of category === undefined ? searched : [category]) {
    const stored = await library.read(place, id);
    if (stored !== null) return stored;
  }
  return null;
}

/** TEMPLATE_NOT_FOUND, with what there is, when there is none. */
export async function requireStored({ templates }: Services, id: string, category?: TemplateCategory): Promise<StoredTemplate> {
  return (await lookFor(templates, id, category)) ?? (await notThere(templates, id, category));
}

export async function notThere(library: TemplateLibrary, id: string, category?: TemplateCategory, why?: string): Promise<never> {
  const where = category === undefined ? '' : ` in ${category}`;
  throw new TroupeError('TEMPLATE_NOT_FOUND', why ?? `there is no template "${id}"${where}`, { nearby: await likeIt(library, id) });
}

/** Ids that there are, those first that are most like the one that there is not. */
async function likeIt(library: TemplateLibrary, id: string): Promise<string[]> {
  const all = await Promise.all(templateCategories.map((category) => library.names(category)));
  return nearest(id, [...new Set(all.flatMap(({ names }) => names).filter(isTemplateId))]);
}

/** The text of a stored template, read; TEMPLATE_INVALID when it can't be. */
export function readStored({ text, fault, file }: StoredTemplate): ReadTemplate {
  if (text === null) throw invalidTemplate([{ path: '', message: fault ?? 'cannot be read', file }]);
  return readTemplate(text, file);
}

/** A stored template with all that it inherits, checked. */
export async function wholeStored(services: Shelf, stored: StoredTemplate): Promise<Template> {
  return whole(services, readStored(stored), stored);
}

/** `self`: where the first of the chain is kept, or will be. */
export async function whole(services: Shelf, first: ReadTemplate, self: Reference | null): Promise<Template> {
  const chain = [first];
  const seen = self === null ? [] : [nameOf(self)];
  for (let last = first; last.written.metadata.extends !== undefined;) {
    const wanted = last.written.metadata.extends;
    const refuse = (message: string): never => {
      const { file, placeOf } = last;
      const path = ['metadata', 'extends'];
      throw invalidTemplate([{ path: path.join('.'), message, line: placeOf(path).line, ...(file === undefined ? {} : { file }) }]);
    };
    const base = await baseOf(services.templates, wanted);
    if (base === null)
      return refuse(`there is no template "${wanted}"; there are ${(await likeIt(services.templates, wanted)).join(', ')}`);
    if (seen.includes(nameOf(base))) {
      const circle = [...seen.slice(seen.indexOf(nameOf(base))), nameOf(base)].join(' extends ');
      return refuse(`templates would extend each other: ${circle}. Write builtin/ID, shared/ID or user/ID for another one of the same id`);
    }
    seen.push(nameOf(base));
    if (chain.length >= templateLimits.inheritance) return refuse(`more than ${templateLimits.inheritance} templates extend each other`);
    chain.push((last = readStored(base)));
  }
  const template = assemble(chain);
  const missing: string[] = [];
  for (const id of template.metadata.requires ?? []) if ((await lookFor(services.templates, id)) === null) missing.push(id);
  if (missing.length > 0)
    throw invalidTemplate(missing.map((id) => template.issueAt(['metadata', 'requires'], `there is no template "${id}"`)));
  checkTemplate(template, { knowsSpecialist: (key) => services.roles.get(key) !== undefined });
  return template;
}

function baseOf(library: TemplateLibrary, wanted: string): Promise<StoredTemplate | null> {
  const [id = '', place] = wanted.split('/').toReversed();
  return lookFor(
    library,
    id,
    templateCategories.find((category) => category === place),
  );
}

const nameOf = ({ id, category }: Reference): string => `${category}/${id}`;

/** Whether a template names this one as the one that it extends. */
export function extendsIt({ written: { metadata } }: ReadTemplate, { id, category }: Reference): boolean {
  return metadata.extends === id || metadata.extends === nameOf({ id, category });
}

export type Entry = Pick<Output<'template.get'>['info'], 'id' | 'category' | 'bytes' | 'created' | 'modified'>;

export function tellEntry({ id, category, bytes, created, modified }: StoredTemplate): Entry {
  return {
    id,
    category,
    bytes,
    created: created === null ? null : formatTime(created),
    modified: modified === null ? null : formatTime(modified),
  };
}

export function tellParameters({ parameters }: Template): Output<'template.get'>['info']['parameters'] {
  return Object.entries(parameters).map(([name, parameter]) => ({ name, ...parameter }));
}
