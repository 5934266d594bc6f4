import type { Asked } from '../client/link.ts';
import { option, several } from './call.ts';
import type { Option } from './commander.ts';

/** Which tasks are meant: options that several commands share. */

export type ListFilter = NonNullable<Asked<'task.list'>['filter']>;

export interface FilterOptions {
  readonly project?: string;
  readonly plan?: ListFilter['rootId'];
  readonly parent?: ListFilter['parentId'];
  readonly session?: ListFilter['sessionId'];
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

export const filterOf = ({ project, plan, parent, session, specialist, type, tags, text }: FilterOptions) => ({
  project,
  rootId: plan,
  parentId: parent,
  sessionId: session,
  specialist,
  type,
  tags,
  text,
});
