import * as z from 'zod';
import { methods } from '../../../protocol/methods.ts';
import { mutation } from '../arguments.ts';
import { topics } from '../../../templates/limits.ts';
import { faultAt } from '../faults.ts';
import { tool } from '../tool.ts';

/**
 * Tools for the templates as a whole: the built-in library and its copies. Files are written by their text, so that a call that is
 * sent again changes nothing with or without a `command_id`.
 */

const { category: own, overwrite } = methods['template.install'].input.shape;

const failure = ({ id, message }: { readonly id: string; readonly message: string }): string => `${id}: ${message}`;

export const installExamples = tool({
  name: 'template_install_examples',
  title: 'Install the examples',
  description: 'Copies a few built-in templates into the project, where they can be edited.',
  effect: 'ends',
  input: z.strictObject({ category: own, overwrite, ...mutation }),
  output: z.object({
    status: z.string(),
    installed_templates: z.array(z.string()),
    skipped: z.array(z.string()).describe('there already, and left as they are'),
    errors: z.array(z.string()),
  }),
  async run({ backend, signal }, { category, overwrite: over }) {
    const done = await backend.call('template.install', { library: 'examples', category, overwrite: over }, { signal });
    const status = done.failed.length === 0 ? 'success' : 'partly_failed';
    return { data: { status, installed_templates: done.installed, skipped: done.skipped, errors: done.failed.map(failure) } };
  },
});

export const installLibrary = tool({
  name: 'template_install_default_library',
  title: 'Install the built-in templates',
  description: 'Copies the built-in templates, all or those of a topic, into the shared ones, where they can be edited.',
  effect: 'ends',
  input: z.strictObject({ category: z.enum(['all', ...topics]).default('all'), overwrite, ...mutation }),
  output: z.object({
    status: z.string(),
    total_templates: z.int(),
    installed: z.array(z.string()),
    failed: z.array(z.string()),
    skipped: z.array(z.string()),
    errors: z.array(z.string()),
  }),
  async run({ backend, signal }, { category: library, overwrite: over }) {
    const { total, installed, skipped, failed } = await backend.call('template.install', { library, overwrite: over }, { signal });
    return {
      data: {
        status: failed.length === 0 ? 'success' : 'partly_failed',
        total_templates: total,
        installed,
        failed: failed.map(({ id }) => id),
        skipped,
        errors: failed.map(failure),
      },
    };
  },
});

export const installationStatus = tool({
  name: 'template_get_installation_status',
  title: 'See which templates are installed',
  description: 'How many templates there are and where, and which of the built-in ones have copies; counted now.',
  effect: 'reads',
  input: z.strictObject({}),
  output: z.object({
    status: z.string(),
    total_installed: z.int().describe("the project's own, copies or not"),
    builtin_installed: z.int().describe('built-in ones with a copy'),
    user_installed: z.int(),
    shared_installed: z.int(),
    broken: z.int(),
    available_defaults: z.int(),
    installed_by_category: z.record(z.string(), z.unknown()),
    installation_coverage: z.number().describe('0 to 1'),
  }),
  async run({ backend, signal }) {
    const { byCategory, broken, available, installed, coverage, byTopic } = await backend.call('template.status', {}, { signal });
    return {
      data: {
        status: 'success',
        total_installed: byCategory.user + byCategory.shared,
        builtin_installed: installed.length,
        user_installed: byCategory.user,
        shared_installed: byCategory.shared,
        broken,
        available_defaults: available,
        installed_by_category: byTopic,
        installation_coverage: coverage,
      },
    };
  },
});

const nameOf = ({ category, id }: { readonly category: string; readonly id: string }): string => `${category}/${id}`;

export const validateAllTemplates = tool({
  name: 'template_validate_all',
  title: 'Check all templates',
  description: 'Looks at every template that is kept; says which are broken, by file, line and key.',
  effect: 'reads',
  input: z.strictObject({ category: methods['template.validateAll'].input.shape.category }),
  output: z.object({
    status: z.string(),
    validated: z.array(z.string()),
    failed: z.array(z.string()),
    errors: z.array(z.string()),
    message: z.string(),
  }),
  async run({ backend, signal }, { category }) {
    const { valid, broken, omitted } = await backend.call('template.validateAll', { category }, { signal });
    const left = omitted === 0 ? '' : `; ${omitted} files were not looked at`;
    return {
      data: {
        status: broken.length === 0 ? 'valid' : 'invalid',
        validated: valid.map(nameOf),
        failed: broken.map(nameOf),
        errors: broken.flatMap(({ issues }) => issues.map(faultAt)),
        message: `${valid.length} are right, ${broken.length} are broken${left}`,
      },
    };
  },
});
