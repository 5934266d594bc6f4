import { styleText } from 'node:util';
import type { ReceivedEvent } from '../test/support/client.ts';

/** Events as a person would like to read them. */

type Style = Parameters<typeof styleText>[0];

export interface Story {
  readonly titleOf: (taskId: string) => string;
  readonly write: (line: string) => void;
  readonly colour: boolean;
}

const marks: Readonly<Record<string, readonly [mark: string, words: string, style: Style]>> = {
  'task.created': ['+', 'planned', 'dim'],
  'task.started': ['▶', 'started', 'cyan'],
  'task.progressed': ['…', 'working', 'dim'],
  'task.completed': ['✔', 'completed', 'green'],
  'task.retry_scheduled': ['↻', 'failed, will be tried again', 'yellow'],
  'task.failed': ['✘', 'failed', 'red'],
  'task.blocked': ['?', 'asks', 'magenta'],
  'task.answered': ['!', 'answered', 'magenta'],
  'task.revision_requested': ['↩', 'sent back', 'yellow'],
  'task.reopened': ['↩', 'opened again', 'yellow'],
  'task.ready': ['◌', 'ready again', 'dim'],
  'dependency.changed': ['◌', 'ready', 'dim'],
  'child.changed': ['◌', 'ready for synthesis', 'dim'],
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function detail({ type, data }: ReceivedEvent): string {
  const facts = data as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'task.started':
      return `by ${text(facts['holder'])}${Number(facts['attempt']) > 1 ? `, attempt ${String(facts['attempt'])}` : ''}`;
    case 'task.completed':
      return text(facts['summary']);
    case 'task.retry_scheduled':
    case 'task.failed':
      return text(facts['error']);
    case 'task.blocked':
      return text(facts['question']) || text(facts['reason']);
    case 'task.answered':
      return text(facts['answer']);
    case 'task.revision_requested':
    case 'task.reopened':
      return text(facts['feedback']) || text(facts['reason']);
    default:
      return '';
  }
}

/** Writes one line for an event that tells something; bookkeeping between tasks is left out. */
export function tell(story: Story, event: ReceivedEvent): void {
  const known = marks[event.type];
  if (known === undefined || event.taskId === null || event.type === 'task.progressed' || event.type === 'task.created') return;
  if (
    (event.type === 'dependency.changed' || event.type === 'child.changed') &&
    (event['data'] as Readonly<Record<string, unknown>>)['ready'] !== true
  )
    return;
  const [mark, words, style] = known;
  const paint = (style_: Style, line: string) => (story.colour ? styleText(style_, line) : line);
  const said = detail(event);
  const title = story.titleOf(event.taskId);
  story.write(`${paint('dim', event.time.slice(11, 23))}  ${paint(style, `${mark} ${title}`)}  ${words}${said === '' ? '' : `: ${said}`}`);
}
