import type { Issue } from '../errors.ts';
import type { Output } from '../protocol/methods.ts';
import { issuesOfFault } from '../templates/fault.ts';
import type { StoredTemplate, TemplateLibrary } from '../templates/library.ts';
import { isTemplateId, templateCategories, templateIdRule } from '../templates/limits.ts';
import type { TemplateCategory } from '../templates/limits.ts';
import type { Template } from '../templates/template.ts';
import type { Handler } from './services.ts';
import { tellEntry, wholeStored } from './template-shelf.ts';
import type { Shelf } from './template-shelf.ts';

/** Each file by itself: a broken one is told as broken and keeps nobody from the others. */

interface Place {
  readonly id: string;
  readonly category: TemplateCategory;
}

interface Looked extends Place {
  readonly stored: StoredTemplate;
  readonly template: Template | null;
  readonly issues: readonly Issue[];
}

export async function placesIn(
  library: TemplateLibrary,
  category?: TemplateCategory,
): Promise<{ readonly places: readonly Place[]; readonly omitted: number }> {
  const places: Place[] = [];
  let omitted = 0;
  for (const one of category === undefined ? templateCategories : [category]) {
    const found = await library.names(one);
    places.push(...found.names.map((id) => ({ id, category: one })));
    omitted += found.omitted;
  }
  return { places, omitted };
}

/** Null when the file went away meanwhile. */
export async function look(services: Shelf, { id, category }: Place): Promise<Looked | null> {
  if (!isTemplateId(id)) {
    const file = `templates/${category}/${id}.json5`;
    const stored: StoredTemplate = { id, category, file, text: null, fault: null, bytes: 0, created: null, modified: null };
    return {
      id,
      category,
      stored,
      template: null,
      issues: [{ path: '', message: `the name of the file is no id: ${templateIdRule}`, file }],
    };
  }
  const stored = await services.templates.read(category, id);
  if (stored === null) return null;
  try {
    return { id, category, stored, template: await wholeStored(services, stored), issues: [] };
  } catch (error) {
    return { id, category, stored, template: null, issues: issuesOfFault(error) };
  }
}

export const listTemplates: Handler<'template.list'> = async (services, { category, topic, metadata, limit, cursor }) => {
  const { places, omitted } = await placesIn(services.templates, category);
  const items: Output<'template.list'>['items'] = [];
  const after = cursor === undefined ? 0 : places.findIndex((place) => isAfter(place, cursor));
  let nextCursor: string | null = null;
  let total = topic === undefined ? places.length : 0;
  for (const [index, place] of places.entries()) {
    const onPage = after !== -1 && index >= after && items.length < limit;
    // What a template is about is known when it has been read.
    if (!onPage && topic === undefined) continue;
    const looked = await look(services, place);
    if (looked === null || (topic !== undefined && looked.template?.metadata.category !== topic)) continue;
    if (topic !== undefined) total += 1;
    if (!onPage) continue;
    items.push(tellItem(looked, metadata));
    nextCursor = items.length === limit && index < places.length - 1 ? `${place.category}/${place.id}` : null;
  }
  return { items, nextCursor, total, omitted };
};

/** In the order of the list; the one that the cursor names may be gone. */
function isAfter({ id, category }: Place, cursor: string): boolean {
  const cut = cursor.indexOf('/');
  const order = (name: string) => templateCategories.findIndex((one) => one === name);
  const by = order(category) - order(cursor.slice(0, cut));
  return by > 0 || (by === 0 && id > cursor.slice(cut + 1));
}

function tellItem({ stored, template, issues }: Looked, withMetadata: boolean): Output<'template.list'>['items'][number] {
  const [fault = null] = issues;
  return {
    ...tellEntry(stored),
    valid: template !== null,
    name: template?.metadata.name ?? null,
    topic: template?.metadata.category ?? null,
    fault,
    ...(withMetadata && template !== null ? { metadata: template.metadata } : {}),
  };
}

const toldOfEach = 5;

export const validateAllTemplates: Handler<'template.validateAll'> = async (services, { category }) => {
  const { places, omitted } = await placesIn(services.templates, category);
  const valid: Output<'template.validateAll'>['valid'] = [];
  const broken: Output<'template.validateAll'>['broken'] = [];
  for (const place of places) {
    const looked = await look(services, place);
    if (looked === null) continue;
    if (looked.template !== null) valid.push(place);
    else broken.push({ ...place, issues: looked.issues.slice(0, toldOfEach) });
  }
  return { valid, broken, omitted };
};
