import { lanes } from './lanes.ts';
import type { Lane } from './lanes.ts';

/** What the page shows, as its URL says it: so that it can be linked to, reloaded and gone back from. */

export const views = ['board', 'graph', 'list', 'live', 'messages', 'machines'] as const;
export type View = (typeof views)[number];

export const listColumns = ['updated', 'created', 'priority', 'title', 'status', 'specialist', 'attempt'] as const;
export type ListColumn = (typeof listColumns)[number];
/** With a minus what is greatest comes first. */
export type ListSort = ListColumn | `-${ListColumn}`;
export const listSorts: readonly ListSort[] = listColumns.flatMap((column): ListSort[] => [column, `-${column}`]);

export interface Route {
  readonly view: View;
  /** The root of the plan that is looked at; null for all. */
  readonly plan: string | null;
  /** The task that is open. */
  readonly task: string | null;
  /** A case-folded part of the title, a tag or the id. */
  readonly text: string;
  readonly lanes: readonly Lane[];
  readonly specialists: readonly string[];
  readonly ready: boolean;
  readonly hideBlocked: boolean;
  readonly hideDone: boolean;
  /** The list shows archived tasks too, which only the service knows. */
  readonly archived: boolean;
  readonly sort: ListSort;
  /** Nothing can be changed, whatever the token would allow. */
  readonly readOnly: boolean;
}

export const home: Route = {
  view: 'board',
  plan: null,
  task: null,
  text: '',
  lanes: [],
  specialists: [],
  ready: false,
  hideBlocked: false,
  hideDone: false,
  archived: false,
  sort: '-updated',
  readOnly: false,
};

const memberOf = <T extends string>(all: readonly T[], value: string | null): T | undefined => all.find((one) => one === value);
const listOf = (value: string | null): string[] => (value === null || value === '' ? [] : value.split(','));

/** Whatever stands there that is not understood is left out. */
export function parseRoute(search: string): Route {
  const given = new URLSearchParams(search);
  return {
    view: memberOf(views, given.get('view')) ?? home.view,
    plan: given.get('plan'),
    task: given.get('task'),
    text: given.get('q') ?? '',
    lanes: listOf(given.get('lane')).flatMap((name) => memberOf(lanes, name) ?? []),
    specialists: listOf(given.get('specialist')),
    ready: given.has('ready'),
    hideBlocked: given.has('hide-blocked'),
    hideDone: given.has('hide-done'),
    archived: given.has('archived'),
    sort: memberOf(listSorts, given.get('sort')) ?? home.sort,
    readOnly: given.has('read-only'),
  };
}

/** The query of a route, `''` for the first view without filters. */
export function searchOf(route: Route): string {
  const query = new URLSearchParams();
  if (route.view !== home.view) query.set('view', route.view);
  if (route.plan !== null) query.set('plan', route.plan);
  if (route.task !== null) query.set('task', route.task);
  if (route.text !== '') query.set('q', route.text);
  if (route.lanes.length > 0) query.set('lane', route.lanes.join(','));
  if (route.specialists.length > 0) query.set('specialist', route.specialists.join(','));
  if (route.sort !== home.sort) query.set('sort', route.sort);
  for (const [name, isSet] of [
    ['ready', route.ready],
    ['hide-blocked', route.hideBlocked],
    ['hide-done', route.hideDone],
    ['archived', route.archived],
    ['read-only', route.readOnly],
  ] as const)
    if (isSet) query.set(name, '');
  const text = query.toString().replaceAll(/=(?=&|$)/g, '');
  return text === '' ? '' : `?${text}`;
}
