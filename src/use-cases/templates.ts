import type { MethodName } from '../protocol/methods.ts';
import type { Handler } from './services.ts';

/** Read when it is first asked for: the parser of templates and their schemas would take longer than the rest of a start. */
const later =
  <M extends MethodName>(load: () => Promise<Handler<M>>): Handler<M> =>
  async (services, input, caller) =>
    (await load())(services, input, caller);

export const templateCases = {
  'template.list': later<'template.list'>(async () => (await import('./template-list.ts')).listTemplates),
  'template.get': later<'template.get'>(async () => (await import('./template-get.ts')).getTemplate),
  'template.create': later<'template.create'>(async () => (await import('./template-create.ts')).createTemplate),
  'template.validate': later<'template.validate'>(async () => (await import('./template-get.ts')).validateTemplate),
  'template.validateAll': later<'template.validateAll'>(async () => (await import('./template-list.ts')).validateAllTemplates),
  'template.instantiate': later<'template.instantiate'>(async () => (await import('./template-instantiate.ts')).instantiateTemplate),
  'template.install': later<'template.install'>(async () => (await import('./template-install.ts')).installTemplates),
  'template.delete': later<'template.delete'>(async () => (await import('./template-create.ts')).deleteTemplate),
  'template.status': later<'template.status'>(async () => (await import('./template-install.ts')).templateStatus),
};
