import { formatTime } from '../clock.ts';
import { heardAt, openStatuses } from '../machines/readings.ts';
import { inline, quote } from '../specialists/quotation.ts';
import { layOut } from '../specialists/page.ts';
import type { Item, Section } from '../specialists/page.ts';
import { awaitPosition } from './access.ts';
import type { Handler, Services } from './services.ts';
import { reportOf } from './stale.ts';
import { loadAll, within } from './within.ts';
import type { Loaded, Within } from './within.ts';

/** A text for whoever goes on with the work. All of it is read from what is durable now; what others wrote is quoted. */

/** Of each kind; the text says how many there are besides. */
const mostItems = 50;
const mostNotes = 20;

const kinds = [
  { heading: 'Runs now', status: 'in_progress', sort: 'updated', head: running },
  { heading: 'Ready next, best first', status: 'pending', ready: true, sort: 'next', head: titled },
  { heading: 'Blocked', status: 'blocked', sort: 'updated', head: titled },
  { heading: 'Failed', status: 'failed', sort: '-updated', head: titled },
  { heading: 'Waits for other tasks', status: 'pending', ready: false, sort: 'created', head: waiting },
  { heading: 'Done, newest first', status: 'completed', sort: '-updated', head: done },
  { heading: 'Cancelled', status: 'cancelled', sort: '-updated', head: titled },
] as const;

function titled({ id, record: { snapshot } }: Loaded): string {
  const { spec } = snapshot.context;
  return `- \`${id}\` ${inline(spec.title)} (${spec.specialist})`;
}

function running(task: Loaded): string {
  const { lease, attempts, attempt } = task.record.snapshot.context;
  if (lease === null) return titled(task);
  const since = formatTime(attempts.at(-1)?.startedAt ?? heardAt(lease));
  return `${titled(task)}: attempt ${attempt} by ${inline(lease.holder)} since ${since}, heard of at ${formatTime(heardAt(lease))}, lease until ${formatTime(lease.expiresAt)}`;
}

function waiting(task: Loaded): string {
  const { dependsOn, children } = task.record.snapshot.context;
  const waits = dependsOn
    .filter(({ status, waived }) => status !== 'satisfied' && !waived)
    .map(({ id, status }) => `\`${id}\` (${status})`);
  const open = children.open === 0 ? [] : [`${children.open} open children`];
  const shown = [...waits.slice(0, 5), ...(waits.length > 5 ? [`${waits.length - 5} more`] : []), ...open];
  return shown.length === 0 ? titled(task) : `${titled(task)}: waits for ${shown.join(', ')}`;
}

function done(task: Loaded): string {
  const { artifacts, result } = task.record.snapshot.context;
  const work = artifacts.slice(-5).map(({ id, type, name, bytes }) => `\`${id}\` ${inline(name)} (${type}, ${bytes} bytes)`);
  const files = result?.filePaths.slice(0, 5).map((path) => inline(path)) ?? [];
  return [
    titled(task),
    ...(work.length === 0
      ? []
      : [`  work: ${work.join(', ')}${artifacts.length > work.length ? ` and ${artifacts.length - work.length} more` : ''}`]),
    ...(files.length === 0 ? [] : [`  files: ${files.join(', ')}`]),
  ].join('\n');
}

/** What the task's worker or a person said of it last. */
function said({ record: { snapshot } }: Loaded): string {
  const { result, blocked } = snapshot.context;
  if (snapshot.value === 'completed') return result?.summary ?? '';
  if (snapshot.value === 'blocked') return blocked?.question ?? blocked?.reason ?? '';
  return reportOf(snapshot) ?? '';
}

type Kind = (typeof kinds)[number];

async function sectionOf(
  services: Services,
  scope: Within,
  kind: Kind,
): Promise<{ readonly section: Section; readonly tasks: readonly Loaded[] }> {
  const { heading, status, sort, head } = kind;
  const filter = { status: [status], ...('ready' in kind ? { ready: kind.ready } : {}) };
  const page = await scope.list({ filter, sort, limit: mostItems, count: true });
  const tasks = await loadAll(services, page.items.slice(0, mostItems));
  const items = tasks.map((task): Item => {
    const text = said(task);
    return { head: head(task), body: text === '' ? '' : quote(text), source: `task.get ${task.id}` };
  });
  const source = `task.list, status ${status}`;
  return { section: { heading, items, total: page.total ?? items.length, source }, tasks };
}

function notesOf(tasks: readonly Loaded[]): Section {
  const all = tasks.flatMap(({ id, record }) => record.snapshot.context.notes.map((note) => ({ id, ...note })));
  const newest = all.toSorted((a, b) => b.at - a.at).slice(0, mostNotes);
  return {
    heading: 'Notes, newest first',
    items: newest.map(({ id, text, by, at }) => ({
      head: `- on \`${id}\` by ${inline(by)} at ${formatTime(at)}`,
      body: quote(text),
      source: `task.history ${id}`,
    })),
    total: all.length,
    source: 'task.history of each task',
  };
}

export const handover: Handler<'maintenance.handover'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  const scope = await within(services, input, caller);
  const position = services.log.head;
  const found = [];
  for (const kind of kinds) found.push({ kind, ...(await sectionOf(services, scope, kind)) });
  const tasks: Record<string, number> = {};
  for (const { kind, section } of found) tasks[kind.status] = (tasks[kind.status] ?? 0) + (section.total ?? 0);
  const open = openStatuses.reduce((sum, status) => sum + (tasks[status] ?? 0), 0);
  const counted = Object.entries(tasks).map(([status, count]) => `${count} ${status}`);
  const sections = [...found.map(({ section }) => section), notesOf(found.flatMap((one) => one.tasks))].filter(
    ({ items }) => items.length > 0,
  );
  const markdown = layOut(
    [
      `# Hand-over: ${scope.name}`,
      `As of ${formatTime(services.store.now())}. ${open} open: ${counted.join(', ')}. Lines that begin with ">" are the words of workers and people.`,
    ],
    sections,
    { aimBytes: input.maxBytes, sectionBytes: 0 },
  );
  return { markdown, bytes: new TextEncoder().encode(markdown).length, tasks, position };
};
