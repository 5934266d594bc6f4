import { TroupeError } from '../errors.ts';
import type { Output } from '../protocol/methods.ts';
import { exampleTemplates } from '../templates/builtin.ts';
import type { Handler, Services } from './services.ts';
import { look, placesIn } from './template-list.ts';
import { requireWholeDirectory } from './template-shelf.ts';

/** The built-in templates by what they are about. */
async function builtinsByTopic(services: Services): Promise<ReadonlyMap<string, readonly string[]>> {
  const { places } = await placesIn(services.templates, 'builtin');
  const byTopic = new Map<string, string[]>();
  for (const place of places) {
    const topic = (await look(services, place))?.template?.metadata.category ?? 'other';
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), place.id]);
  }
  return byTopic;
}

/** Each by itself: what can't be copied is told, and the others are. */
export const installTemplates: Handler<'template.install'> = async (services, { library, ids, category, overwrite }, caller) => {
  requireWholeDirectory(caller);
  const { templates } = services;
  const wanted = ids ?? (await chosen(services, library));
  const answer: Output<'template.install'> = { category, total: wanted.length, installed: [], skipped: [], failed: [] };
  for (const id of wanted) {
    const text = (await templates.read('builtin', id))?.text ?? null;
    try {
      if (text === null) answer.failed.push({ id, message: `there is no built-in template "${id}"` });
      else if ((await templates.write(category, id, text, overwrite)) === 'written') answer.installed.push(id);
      else answer.skipped.push(id);
    } catch (error) {
      if (!(error instanceof TroupeError)) throw error;
      answer.failed.push({ id, message: error.message });
    }
  }
  return answer;
};

async function chosen(services: Services, library: string): Promise<readonly string[]> {
  if (library === 'examples') return exampleTemplates;
  const byTopic = await builtinsByTopic(services);
  return library === 'all' ? [...byTopic.values()].flat() : (byTopic.get(library) ?? []);
}

export const templateStatus: Handler<'template.status'> = async (services) => {
  const byCategory = { builtin: 0, user: 0, shared: 0 };
  const copies = new Set<string>();
  let broken = 0;
  for (const place of (await placesIn(services.templates)).places) {
    const looked = await look(services, place);
    if (looked === null) continue;
    byCategory[place.category] += 1;
    if (looked.template === null) broken += 1;
    if (place.category !== 'builtin') copies.add(place.id);
  }
  const topics = [...(await builtinsByTopic(services))];
  const installed = topics.flatMap(([, ids]) => ids.filter((id) => copies.has(id)));
  return {
    total: byCategory.builtin + byCategory.user + byCategory.shared,
    byCategory,
    broken,
    available: byCategory.builtin,
    installed,
    coverage: byCategory.builtin === 0 ? 0 : installed.length / byCategory.builtin,
    byTopic: Object.fromEntries(
      topics.map(([topic, ids]) => [topic, { available: ids.length, installed: ids.filter((id) => copies.has(id)).length }]),
    ),
  };
};
