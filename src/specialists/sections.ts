import { formatTime } from '../clock.ts';
import type { TaskId } from '../ids.ts';
import type { Guidance } from '../machines/context.ts';
import type { ArtifactMention, ExecutionInput, ExecutionTask, Outcome } from './execution.ts';
import type { Item, Section } from './page.ts';
import { asLine, inline, quote } from './quotation.ts';

/** The sections of a context below role and task. One without content is left out. */

/** More of one kind than this is counted and not shown, before anything is measured. */
const mostItems = 100;
const mostArtifacts = 5;

function artifactsLine(taskId: TaskId, artifacts: readonly ArtifactMention[]): string {
  if (artifacts.length === 0) return '';
  const shown = artifacts
    .slice(0, mostArtifacts)
    .map(({ id, type, name, bytes }) => `\n- ${id}: ${type}, ${inline(name, 60)}, ${bytes} bytes`);
  const more = artifacts.length - shown.length;
  return shown.join('') + (more === 0 ? '' : `\n- ${more} more with artifact.list {"taskId":"${taskId}"}`);
}

function outcomeItem(outcome: Omit<Outcome, 'status'>, state: string): Item {
  const { taskId, title, summary, artifacts } = outcome;
  return {
    head: `### ${taskId}${state} ${inline(title)}${artifactsLine(taskId, artifacts)}`,
    body: summary === null || summary === '' ? '' : quote(summary),
    source: `task.get {"taskId":"${taskId}"}`,
  };
}

/** What needs a decision of the worker first. */
const unhappyFirst = (children: readonly Outcome[]): readonly Outcome[] => [
  ...children.filter(({ status }) => status === 'failed' || status === 'cancelled'),
  ...children.filter(({ status }) => status !== 'failed' && status !== 'cancelled'),
];

function countsOf(children: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { status } of children) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
}

const signed = (by: string, at: number): string => `from ${inline(by, 80)}, ${formatTime(at)}`;

function guidanceItems(guidance: readonly Guidance[], source: string): Item[] {
  const newest = new Set([guidance.findLast(({ kind }) => kind === 'feedback'), guidance.findLast(({ kind }) => kind === 'answer')]);
  const names = { feedback: 'Feedback', answer: 'Answer', reason: 'Reason' };
  return guidance.toReversed().map((entry) => {
    const question = entry.question === undefined ? '' : `\nTo the question ${inline(entry.question, 300)}:`;
    return {
      head: `### ${names[entry.kind]} ${signed(entry.by, entry.at)}${question}`,
      body: quote(entry.text),
      whole: newest.has(entry),
      source,
    };
  });
}

function blockedItems({ blocked }: ExecutionInput, source: string): Item[] {
  const { reason = null, question = null, answer = null } = blocked ?? {};
  const items: readonly (readonly [string, string | null])[] = [
    ['Reason', reason],
    ['Question', question],
    ['Answer', answer],
  ];
  return items.flatMap(([head, text]) => (text === null ? [] : [{ head: `${head}:`, body: quote(text), source }]));
}

const contextItems = ({ spec: { context } }: ExecutionTask, source: string): Item[] =>
  Object.keys(context).length === 0
    ? []
    : [{ head: 'Given with the task, as JSON:', body: quote(JSON.stringify(context, null, 2)), source }];

const filesItems = ({ filePaths = [] }: ExecutionTask, source: string): Item[] =>
  filePaths.length === 0 ? [] : [{ head: 'Named by earlier work on this task:', body: quote(filePaths.map(asLine).join('\n')), source }];

function parentItem({ id, title, description }: NonNullable<ExecutionInput['parent']>): Item {
  return {
    head: `### ${id} ${inline(title)}`,
    body: description.trim() === '' ? '' : quote(description),
    source: `task.get {"taskId":"${id}"}`,
  };
}

function attemptItem(attempt: ExecutionInput['attempts'][number], source: string): Item {
  const { number, holder, outcome, report, startedAt, endedAt } = attempt;
  const span = endedAt === null ? `from ${formatTime(startedAt)}` : `${formatTime(startedAt)} to ${formatTime(endedAt)}`;
  return {
    head: `### Attempt ${number}: ${outcome}, by ${inline(holder, 80)}, ${span}`,
    body: report === null || report === '' ? '' : quote(report),
    source,
  };
}

/** In reading order, each with the call that reads what the page leaves out of it. */
export function sectionsOf(input: ExecutionInput): Section[] {
  const { task, parent, dependencies, children, notes, attempts, reviewOf } = input;
  const get = `task.get {"taskId":"${task.id}"}`;
  const history = `task.history {"taskId":"${task.id}"}`;
  const tasksBelow = `task.list {"filter":{"parentId":"${task.id}"}}`;
  const first = <T>(list: readonly T[]): readonly T[] => list.slice(0, mostItems);
  const sections: Section[] = [
    { heading: 'Blocked', lead: 'The task waits and cannot be worked on.', items: blockedItems(input, get), source: get },
    {
      heading: 'Acceptance criteria',
      items: task.spec.acceptance.map((criterion, index) => ({ head: `Criterion ${index + 1}:`, body: quote(criterion), source: get })),
      source: get,
    },
    { heading: 'Guidance', lead: 'Newest first.', items: guidanceItems(input.guidance, history), source: history },
    { heading: 'Under review', items: reviewOf === null ? [] : [outcomeItem(reviewOf, '')], source: get },
    {
      heading: 'Dependencies',
      items: first(dependencies).map((one) => outcomeItem(one, ` (${one.kind}, ${one.status})`)),
      total: dependencies.length,
      source: get,
    },
    {
      heading: 'Children',
      lead: `${children.length} in all: ${countsOf(children)}.`,
      items: first(unhappyFirst(children)).map((one) => outcomeItem(one, ` (${one.status})`)),
      total: children.length,
      source: tasksBelow,
    },
    { heading: 'Parent', items: parent === null ? [] : [parentItem(parent)], source: get },
    { heading: 'Context', items: contextItems(task, get), source: get },
    {
      heading: 'Notes',
      lead: 'Newest first.',
      items: first(notes.toReversed()).map(({ text, by, at }) => ({
        head: `### Note ${signed(by, at)}`,
        body: quote(text),
        source: history,
      })),
      total: notes.length,
      source: history,
    },
    {
      heading: 'Earlier attempts',
      lead: 'Newest first.',
      items: first(attempts.toReversed()).map((attempt) => attemptItem(attempt, history)),
      total: attempts.length,
      source: history,
    },
    { heading: 'Files', items: filesItems(task, get), source: get },
  ];
  return sections.filter(({ items }) => items.length > 0);
}
