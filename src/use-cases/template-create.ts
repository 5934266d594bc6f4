import { TroupeError } from '../errors.ts';
import { readTemplate } from '../templates/read.ts';
import type { Handler } from './services.ts';
import { placesIn } from './template-list.ts';
import { extendsIt, lookFor, notThere, readStored, requireWholeDirectory, tellParameters, whole } from './template-shelf.ts';

/** What is kept was right when it came: it is checked with all that it extends before a byte is written. */
export const createTemplate: Handler<'template.create'> = async (services, { id, content, category, overwrite }, caller) => {
  requireWholeDirectory(caller);
  const template = await whole(services, readTemplate(content, `templates/${category}/${id}.json5`), { id, category });
  const outcome = await services.templates.write(category, id, content, overwrite);
  if (outcome === 'exists')
    throw new TroupeError('TEMPLATE_EXISTS', `there is another template "${id}" in ${category}`, {
      issues: [{ path: 'id', message: `is taken in ${category}` }],
    });
  return {
    id,
    category,
    bytes: new TextEncoder().encode(content).length,
    written: outcome === 'written',
    metadata: template.metadata,
    parameters: tellParameters(template),
  };
};

export const deleteTemplate: Handler<'template.delete'> = async (services, { id, category }, caller) => {
  requireWholeDirectory(caller);
  const { templates } = services;
  const shared = category === undefined ? await lookFor(templates, id, 'shared') : null;
  const own = await lookFor(templates, id, category ?? 'user');
  // Sent twice, it would delete the other one the second time.
  if (own !== null && shared !== null) {
    const message = `"${id}" is both user and shared: say which`;
    throw new TroupeError('INVALID_PARAMS', `category: ${message}`, { issues: [{ path: 'category', message }] });
  }
  const stored = own ?? shared;
  const builtIn = stored === null && (await lookFor(templates, id, 'builtin')) !== null;
  if (stored === null || stored.category === 'builtin')
    return notThere(
      templates,
      id,
      category,
      builtIn ? `"${id}" is built in and stays: there is none of the project's own to delete` : undefined,
    );
  const extendedBy = await extenders(services, { id, category: stored.category });
  if (!(await templates.remove(stored.category, id))) return notThere(templates, id, category);
  return { id, category: stored.category, extendedBy };
};

/** Templates that would miss the one that goes, as far as they can be read. */
async function extenders(
  services: Parameters<Handler<'template.delete'>>[0],
  gone: { readonly id: string; readonly category: 'user' | 'shared' },
) {
  const { places } = await placesIn(services.templates);
  const found: { id: string; category: (typeof places)[number]['category'] }[] = [];
  for (const { id, category } of places) {
    if (category === 'builtin' || (id === gone.id && category === gone.category)) continue;
    const stored = await services.templates.read(category, id);
    try {
      if (stored !== null && extendsIt(readStored(stored), gone)) found.push({ id, category });
    } catch (error) {
      if (!(error instanceof TroupeError)) throw error;
    }
  }
  return found;
}
