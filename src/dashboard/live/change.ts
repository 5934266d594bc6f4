import { countText } from '../words.ts';
import type { SentEvent } from '../../client/guards.ts';

/** What an event changed, in a few words. Events of newer services may carry anything: whatever is not understood is left out. */

type Data = SentEvent['data'];

const textOf = (data: Data, name: string): string => {
  const value = data[name];
  return typeof value === 'string' ? value : '';
};
const isObject = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (data: Data, name: string): Data => {
  const value = data[name];
  return isObject(value) ? value : {};
};
const numberOf = (data: Data, name: string): number | null => {
  const value = data[name];
  return typeof value === 'number' ? value : null;
};

const maxLength = 160;
const clipped = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength).toWellFormed()}…`;
};

/** Members that say something by themselves, the most telling first. */
const telling = ['title', 'error', 'question', 'answer', 'reason', 'summary', 'text', 'note', 'feedback'] as const;

function progressOf(data: Data): string {
  const progress = objectOf(data, 'progress');
  const [value, total] = [numberOf(progress, 'value'), numberOf(progress, 'total')];
  const share = value === null ? '' : `${value}${total === null ? '' : `/${total}`}`;
  return [share, textOf(progress, 'message')].filter((part) => part !== '').join(' · ');
}

function childrenOf(data: Data): string {
  const counts = Object.entries(objectOf(data, 'children'));
  const children = counts.flatMap(([name, count]) => (typeof count === 'number' && count > 0 ? [`${count} ${name}`] : []));
  return children.length === 0 ? '' : `children: ${children.join(', ')}`;
}

export function changeText({ type, data }: Pick<SentEvent, 'type' | 'data'>): string {
  const [from, status] = [textOf(data, 'from'), textOf(data, 'status')];
  const move = from === '' || from === status ? '' : `${from} → ${status}`;
  const attempt = numberOf(data, 'attempt');
  const artifacts = Array.isArray(data['artifacts']) ? data['artifacts'].length : 0;
  const dependents = Array.isArray(data['dependents']) ? data['dependents'].length : 0;
  const told = telling.find((name) => textOf(data, name) !== '' && !(name === 'title' && type !== 'task.created'));
  return [
    move,
    type === 'task.started' && attempt !== null ? `attempt ${attempt}` : '',
    progressOf(data),
    childrenOf(data),
    told === undefined ? '' : clipped(textOf(data, told)),
    Array.isArray(data['fields']) ? `changed: ${data['fields'].join(', ')}` : '',
    textOf(data, 'dependency') === '' ? '' : `a dependency is ${textOf(data, 'state')}`,
    dependents === 0 ? '' : countText(dependents, 'dependent'),
    artifacts === 0 ? '' : countText(artifacts, 'artifact'),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
