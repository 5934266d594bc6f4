import { chooseTheme, go } from '../app.ts';
import { views } from '../route.ts';
import { store, themes } from '../store.ts';

/** The keys of the page. Views with keys of their own add them while they are shown. */

export interface Key {
  /** As the event's `key` has it. */
  readonly key: string;
  readonly does: string;
  press(): void;
}

const context = () => store.getSnapshot().context;

const titles = { board: 'Board', graph: 'Graph', list: 'List', live: 'Live', messages: 'Messages', machines: 'Machines' } as const;

const everywhere: readonly Key[] = [
  { key: '?', does: 'These keys', press: () => store.send({ type: 'helpToggled' }) },
  ...views.map((view, index) => ({ key: String(index + 1), does: titles[view], press: () => go({ view, task: null }) })),
  { key: '/', does: 'Search', press: () => document.querySelector<HTMLInputElement>('#search')?.focus() },
  { key: 'j', does: 'The next task', press: () => step(1) },
  { key: 'k', does: 'The task before', press: () => step(-1) },
  { key: 'Enter', does: 'Open it', press: () => {} },
  { key: 'Escape', does: 'Back', press: back },
  { key: 'r', does: 'Ready tasks only', press: () => go({ ready: !context().route.ready }) },
  { key: 'h', does: 'Hide what waits or is blocked', press: () => go({ hideBlocked: !context().route.hideBlocked }) },
  { key: 'd', does: 'Hide what is done', press: () => go({ hideDone: !context().route.hideDone }) },
  { key: 't', does: 'Dark, light, or as the system', press: nextTheme },
];

const added = new Set<readonly Key[]>();
/** All keys that do something now. */
export const keysNow = (): Key[] => [...everywhere, ...[...added].flat()];

/** Adds keys of a view; answers how to take them away. For `onMount` or `$effect`. */
export function addKeys(keys: readonly Key[]): () => void {
  added.add(keys);
  return () => added.delete(keys);
}

export function listenForKeys(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    const isTyping = target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
    if (isTyping) {
      if (event.key === 'Escape') target.blur();
      return;
    }
    // A button that has the focus takes these itself.
    if ((event.key === 'Enter' || event.key === ' ') && target instanceof HTMLElement && target.matches('a, button, summary')) return;
    const found = [...added].flat().find(({ key }) => key === event.key) ?? everywhere.find(({ key }) => key === event.key);
    if (found === undefined) return;
    event.preventDefault();
    found.press();
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

/** Moves the focus through what is marked as a task, in the order of the page. */
function step(by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-task]')];
  const at = all.findIndex((element) => element === document.activeElement);
  const next = all[at === -1 ? (by === 1 ? 0 : all.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

function back(): void {
  const { help, route, notices } = context();
  const [notice] = notices;
  if (help) store.send({ type: 'helpToggled' });
  else if (notice !== undefined) store.send({ type: 'noticeDismissed', id: notice.id });
  else if (route.task !== null) go({ task: null });
  else if (route.text !== '') go({ text: '' });
}

function nextTheme(): void {
  const next = themes[(themes.indexOf(context().theme) + 1) % themes.length];
  if (next !== undefined) chooseTheme(next);
}

export { titles as viewTitles };
