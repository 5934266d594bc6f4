import type { Option } from './commander.ts';
import type { Asked } from '../client/link.ts';
import { callCommand, count, option, several } from './call.ts';
import type { Named } from './call.ts';
import { filterOf, filters } from './task-filter.ts';
import type { FilterOptions, ListFilter } from './task-filter.ts';

/** Commands that read. */

interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

interface ListOptions extends FilterOptions, PageOptions {
  readonly status?: ListFilter['status'];
  readonly archived?: true;
  readonly externalId?: string;
  readonly sort?: Asked<'task.list'>['sort'];
}

const paging = (): Option[] => [
  count('--limit <number>', 'at most so many (default 100)'),
  option('--cursor <cursor>', 'go on where a page before ended'),
];

export function readingCalls(): Named[] {
  return [
    callCommand({
      method: 'task.list',
      usage: 'list',
      description: 'Lists tasks.',
      options: () => [
        several('--status <status>', 'pending, in_progress, blocked, completed, failed, cancelled or archived'),
        ...filters(),
        option('--external-id <id>', 'with this name elsewhere'),
        option('--archived', 'archived ones too'),
        option('--sort <order>', 'created, -created, updated, -updated or next'),
        ...paging(),
      ],
      params: async ({ link }, options: ListOptions) => ({
        filter: {
          ...(await filterOf(link, options)),
          status: options.status,
          externalId: options.externalId,
          includeArchived: options.archived,
        },
        sort: options.sort,
        limit: options.limit,
        cursor: options.cursor,
      }),
      print: (printing, page) => printing.tasks(page),
    }),
    callCommand({
      method: 'task.ready',
      usage: 'ready',
      description: 'Lists the tasks that can be executed now, best first.',
      options: () => [...filters(), ...paging()],
      params: async ({ link }, options: FilterOptions & PageOptions) => ({
        filter: await filterOf(link, options),
        limit: options.limit,
        cursor: options.cursor,
      }),
      print: (printing, page) => printing.tasks(page),
    }),
    callCommand({
      method: 'task.next',
      usage: 'next',
      description: 'Prints the task that should be executed next; ends with 3 when there is none.',
      options: filters,
      params: async ({ link }, options: FilterOptions) => ({ filter: await filterOf(link, options) }),
      print: (printing, { task, reason }) => printing.next(task, reason),
    }),
    callCommand({
      method: 'task.get',
      usage: 'show <task>',
      description: 'Shows one task, whole.',
      params: ({ task }) => ({ taskId: task }),
      print: (printing, { task }) => printing.task(task),
    }),
    callCommand({
      method: 'task.history',
      usage: 'history <task>',
      description: 'Shows what happened to a task, oldest first.',
      options: paging,
      params: ({ task }, { limit, cursor }: PageOptions) => ({ taskId: task, limit, cursor }),
      print: (printing, page) => printing.history(page),
    }),
    callCommand({
      method: 'system.status',
      usage: 'status',
      description: 'Shows how the service is, and how many tasks there are.',
      params: () => ({}),
      print: (printing, status) => printing.status(status),
    }),
  ];
}
