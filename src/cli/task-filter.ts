import type { Asked, Link } from '../client/link.ts';
import { option, several } from './call.ts';
import type { Option } from './commander.ts';
import { resolved, resolveSession, resolveTask } from './task-id.ts';

/** Which tasks are meant: options that several commands share. */

export type ListFilter = NonNullable<Asked<'task.list'>['filter']>;

export interface FilterOptions {
  readonly project?: string;
  readonly plan?: string;
  readonly parent?: string;
  readonly session?: string;
  readonly specialist?: string[];
  readonly type?: ListFilter['type'];
  readonly tags?: string[];
  readonly text?: string;
}

export const filters = (): Option[] => [
  option('--project <name>', 'of this project'),
  option('--plan <id>', 'of the plan with this root'),
  option('--parent <id>', 'directly below this task'),
  option('--session <id>', 'of this session'),
  several('--specialist <role>', 'for this role'),
  several('--type <type>', 'of this type'),
  several('--tags <tag>', 'with every one of these labels'),
  option('--text <text>', 'with this in title, tags or summary'),
];

export async function filterOf(
  link: Pick<Link, 'call'>,
  { project, plan, parent, session, specialist, type, tags, text }: FilterOptions,
): Promise<ListFilter> {
  return {
    project,
    rootId: await resolved((given) => resolveTask(link, given), plan),
    parentId: await resolved((given) => resolveTask(link, given), parent),
    sessionId: await resolved((given) => resolveSession(link, given), session),
    specialist,
    type,
    tags,
    text,
  };
}
