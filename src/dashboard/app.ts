import { LiveView } from '../client/view.ts';
import { createLink } from '../client/browser-link.ts';
import { TroupeError } from '../errors.ts';
import { forgetToken, keepToken, takeToken, workerOfTab } from './access.ts';
import { refusalOf } from './refusal.ts';
import { parseRoute, searchOf } from './route.ts';
import { rowFields } from './row.ts';
import { store } from './store.ts';
import type { CallOptions, Asked, Link } from '../client/link.ts';
import type { MethodName, Output } from '../protocol/methods.ts';
import type { Row } from './row.ts';
import type { Route } from './route.ts';
import type { Theme } from './store.ts';

/** The page's one connection and its one view of the tasks; what they tell goes into the store. */

/** Tasks that the page holds at most; older ones are counted. */
const mostTasks = 20_000;
const batchMs = 50;
/** The views are worked out anew at most so often. */
const drawMs = 100;
const pingMs = 5_000;

let link: Link | null = null;
let tasks: LiveView<(typeof rowFields)[number]> | null = null;
let notices = 0;

const none: ReadonlyMap<string, Row> = new Map();
/** The tasks as they are now. Whoever shows them looks again when the store's `tasks.version` is raised. */
export const rows = (): ReadonlyMap<string, Row> => tasks?.items ?? none;

/** Connects with the token of the link or of the tab; without one the page asks for it. */
export function start(): void {
  addEventListener('popstate', () => store.send({ type: 'routed', route: parseRoute(location.search) }));
  // A link with a new token that is opened in the tab changes nothing but the fragment.
  addEventListener('hashchange', () => {
    if (location.hash.includes('token=')) open(takeToken());
  });
  addEventListener('online', () => link?.retryNow());
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) link?.retryNow();
  });
  setInterval(() => void measureLag(), pingMs);
  open(takeToken());
}

/** Connects with a token that a person typed. */
export function enter(token: string): void {
  keepToken(token);
  open(token);
}

/** Forgets the token of this tab. */
export function leave(): void {
  forgetToken();
  open(null);
}

function open(token: string | null): void {
  void link?.close();
  tasks?.close();
  link = null;
  tasks = null;
  store.send({ type: 'tokenTaken', hasToken: token !== null });
  store.send({ type: 'tasksChanged', state: 'loading', beyond: null });
  if (token === null) return;
  const url = new URL('ws', location.href.replace(/^http/, 'ws').replace(/[?#].*$/, '')).href;
  link = createLink({
    address: async () => ({ url, token }),
    client: { name: 'troupe page', version: PAGE_VERSION },
    worker: workerOfTab(),
    giveUpMs: Infinity,
    onState(connection) {
      store.send({ type: 'connectionChanged', connection });
      if (connection.status === 'open') void measureLag();
    },
  });
  tasks = new LiveView(link, { fields: rowFields, batchMs, limit: mostTasks });
  tasks.subscribe(() => drawSoon());
}

let drawing: ReturnType<typeof setTimeout> | null = null;
function drawSoon(): void {
  drawing ??= setTimeout(() => {
    drawing = null;
    if (tasks === null) return;
    const { state, truncated, total } = tasks;
    store.send({ type: 'tasksChanged', state, beyond: truncated ? total : null });
  }, drawMs);
}

async function measureLag(): Promise<void> {
  if (link === null || store.getSnapshot().context.connection.status !== 'open') return;
  const asked = performance.now();
  try {
    await link.ping();
    store.send({ type: 'lagMeasured', lagMs: performance.now() - asked });
  } catch {
    // The state of the connection says it.
  }
}

/** Sends a request. Rejects with a TroupeError. */
export function call<M extends MethodName>(method: M, input: Asked<M>, options?: CallOptions): Promise<Output<M>> {
  if (link === null) return Promise.reject(new TroupeError('UNREACHABLE', 'there is no connection'));
  return link.call(method, input, options);
}

/** Sends a command that a person gave, and tells what became of it. False when it was refused. */
export async function command<M extends MethodName>(title: string, method: M, input: Asked<M>): Promise<boolean> {
  try {
    await call(method, input);
    notice(title, null);
    return true;
  } catch (error) {
    notice(`${title}: refused`, refusalOf(error));
    return false;
  }
}

/** Every event from now on, for views that show events themselves. Answers how to stop. */
export const follow: Link['follow'] = (...args) => link?.follow(...args) ?? (() => {});

/** Tells a person something. Good news goes away by itself. */
export function notice(title: string, error: TroupeError | null): void {
  const id = (notices += 1);
  store.send({ type: 'noticed', notice: { id, title, error } });
  if (error === null) setTimeout(() => store.send({ type: 'noticeDismissed', id }), 4_000);
}

/** Goes to another place; the members that are not named stay. Filters replace the entry of the history, places add one. */
export function go(to: Partial<Route>): void {
  const { route: from } = store.getSnapshot().context;
  const route = { ...from, ...to };
  const url = `${location.pathname}${searchOf(route)}`;
  // A walk through the graph is one place too.
  const isWalk = route.view === 'graph' && route.task !== null && from.task !== null;
  if (route.view === from.view && route.plan === from.plan && (route.task === from.task || isWalk)) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  store.send({ type: 'routed', route });
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem('troupe.theme', theme);
  store.send({ type: 'themed', theme });
}
