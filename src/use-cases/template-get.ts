import { issuesOfFault } from '../templates/fault.ts';
import { readTemplate } from '../templates/read.ts';
import { flat, namedTasks, shown } from '../templates/template.ts';
import type { Handler } from './services.ts';
import { requireStored, tellEntry, tellParameters, whole, wholeStored } from './template-shelf.ts';

/** A broken one is answered too, with its text and its faults: whoever mends it needs both. */
export const getTemplate: Handler<'template.get'> = async (services, { id, category }) => {
  const stored = await requireStored(services, id, category);
  const content = stored.text;
  try {
    const template = await wholeStored(services, stored);
    const { metadata } = template;
    const info = { ...tellEntry(stored), valid: true, metadata, parameters: tellParameters(template) };
    return { info, content, template: { ...shown(template) }, issues: [] };
  } catch (error) {
    const issues = [...issuesOfFault(error)];
    return { info: { ...tellEntry(stored), valid: false, metadata: null, parameters: [] }, content, template: null, issues };
  }
};

export const validateTemplate: Handler<'template.validate'> = async (services, { content }) => {
  try {
    const template = await whole(services, readTemplate(content), null);
    const tasks = [...flat(namedTasks(template.tasks)).map(({ key }) => key), ...Object.keys(template.milestones)];
    return { valid: true, issues: [], metadata: template.metadata, parameters: tellParameters(template), tasks };
  } catch (error) {
    return { valid: false, issues: [...issuesOfFault(error)], metadata: null, parameters: [], tasks: [] };
  }
};
