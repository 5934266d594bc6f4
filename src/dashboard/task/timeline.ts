import { detailsOf } from './history.ts';
import type { HistoryEvent } from './history.ts';

/** What became of a task over time: attempts, and what lay between them, on an axis on which long gaps are short. */

type SpanKind = 'attempt' | 'ready' | 'waiting' | 'blocked' | 'over';

interface Point {
  readonly at: number;
  readonly text: string;
  /** Its place on the axis, 0 to 1. */
  readonly x: number;
}

export interface Span {
  readonly kind: SpanKind;
  readonly from: number;
  readonly to: number;
  /** How it ended; null while it goes on. */
  readonly outcome: string | null;
  /** Of attempts. */
  readonly attempt: number | null;
  readonly by: string | null;
  readonly points: readonly Point[];
  readonly x: number;
  readonly width: number;
}

interface Gap {
  readonly x: number;
  readonly width: number;
  readonly ms: number;
}

interface Timeline {
  readonly spans: readonly Span[];
  readonly gaps: readonly Gap[];
}

/** A gap that is longer than this, of all the time in attempts, is drawn as short as that. */
const gap = { longest: 0.4, drawn: 0.15 } as const;
/** Nothing is drawn shorter, of the whole axis, so that it can be seen. */
const leastShare = 0.012;

type Building = { -readonly [Name in 'kind' | 'from' | 'to' | 'outcome' | 'attempt' | 'by']: Span[Name] } & {
  marks: { at: number; text: string }[];
};

/** How an attempt can end, in the words of its page. */
const outcomes: Readonly<Record<string, string>> = {
  'task.completed': 'completed',
  'task.failed': 'failed',
  'task.retry_scheduled': 'failed, tries again',
  'task.lease_expired': 'its worker was not heard of',
  'task.blocked': 'blocked',
  'task.revision_requested': 'sent back',
  'task.cancelled': 'cancelled',
  'task.saved': 'saved',
};

function kindOf({ data: { status, ready } }: HistoryEvent): SpanKind {
  if (status === 'in_progress') return 'attempt';
  if (status === 'blocked') return 'blocked';
  if (status === 'pending') return ready === true ? 'ready' : 'waiting';
  return 'over';
}

const countOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Every event that leads elsewhere ends a span and begins the next. */
function spansOf(events: readonly HistoryEvent[], now: number): Building[] {
  const spans: Building[] = [];
  for (const event of events) {
    const kind = kindOf(event);
    const last = spans.at(-1);
    const isNew = event.type === 'task.started';
    if (last !== undefined && last.kind === kind && !isNew) {
      if (kind === 'attempt') last.marks.push({ at: event.at, text: markOf(event) });
      continue;
    }
    if (last !== undefined) {
      last.to = event.at;
      last.outcome = last.kind === 'attempt' ? (outcomes[event.type] ?? 'ended') : '';
    }
    const isAttempt = kind === 'attempt';
    const attempt = isAttempt ? countOf(event.data['attempt']) : null;
    spans.push({ kind, from: event.at, to: event.at, outcome: null, attempt, by: isAttempt ? event.by : null, marks: [] });
  }
  const last = spans.at(-1);
  if (last?.kind === 'over') spans.pop();
  else if (last !== undefined) last.to = Math.max(last.from, now);
  return spans;
}

const markOf = (event: HistoryEvent): string => {
  const [first] = detailsOf(event);
  const what = event.type.replace(/^\w+\./, '').replaceAll('_', ' ');
  return first === undefined ? what : `${what}: ${first}`;
};

/** What lies together without an attempt in it is one gap; an attempt is a group of its own. */
function groupsOf(spans: readonly Building[]): Building[][] {
  const groups: Building[][] = [];
  for (const span of spans) {
    const last = groups.at(-1);
    if (span.kind === 'attempt' || last === undefined || last[0]?.kind === 'attempt') groups.push([span]);
    else last.push(span);
  }
  return groups;
}

const lengthOf = (group: readonly Building[]): number => group.reduce((sum, { from, to }) => sum + to - from, 0);

/** @param now where what goes on ends, in milliseconds since 1970 */
export function timelineOf(events: readonly HistoryEvent[], now: number): Timeline {
  const groups = groupsOf(spansOf(events, now));
  const active = groups.reduce((sum, group) => sum + (group[0]?.kind === 'attempt' ? lengthOf(group) : 0), 0);
  const shown = groups.map((group) => {
    const length = lengthOf(group);
    return group[0]?.kind === 'attempt' || active === 0 || length <= active * gap.longest ? length : active * gap.drawn;
  });
  const least = shown.reduce((sum, length) => sum + length, 0) * leastShare || 1;
  const drawn = shown.map((length) => Math.max(length, least));
  const whole = drawn.reduce((sum, length) => sum + length, 0);

  const spans: Span[] = [];
  const gaps: Gap[] = [];
  let begin = 0;
  groups.forEach((group, index) => {
    const width = (drawn[index] ?? 0) / whole;
    const length = lengthOf(group);
    if (length > (drawn[index] ?? 0)) gaps.push({ x: begin, width, ms: length });
    let x = begin;
    for (const { marks, ...span } of group) {
      const own = length === 0 ? width / group.length : (width * (span.to - span.from)) / length;
      const start = x;
      const place = (at: number): number => start + (span.to === span.from ? 0 : (own * (at - span.from)) / (span.to - span.from));
      spans.push({ ...span, x, width: own, points: marks.map(({ at, text }) => ({ at, text, x: place(at) })) });
      x += own;
    }
    begin += width;
  });
  return { spans, gaps };
}
