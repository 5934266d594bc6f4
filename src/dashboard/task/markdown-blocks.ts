import { inline } from './markdown-inline.ts';
import type { Markup, MarkupNode } from './markup.ts';

/** The Markdown that agents write, line by line: headings, lists, tables, code, quotations. HTML in it is text like any other. */

/** What nests deeper is shown as it is written. */
const deepest = 8;

const patterns = {
  fence: /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/,
  heading: /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/,
  rule: /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/,
  quote: /^ {0,3}> ?/,
  item: /^( {0,3})([-*+]|\d{1,9}[.)])( {1,4}(?=\S)|[ \t]|$)/,
  code: /^(?: {4}|\t)/,
  underline: /^ {0,3}(=+|-+)[ \t]*$/,
} as const;

const isEmpty = (line: string | undefined): boolean => line === undefined || line.trim() === '';
const begins = (line: string): boolean =>
  [patterns.fence, patterns.heading, patterns.rule, patterns.quote].some((pattern) => pattern.test(line));
const headingOf = (level: number, text: string): Markup => ({
  // Below the headings of the page around it.
  tag: level === 1 ? 'h4' : level === 2 ? 'h5' : 'h6',
  content: inline(text.trim()),
});

export const markdown = (text: string): readonly Markup[] => blocks(text.replaceAll(/\r\n?/g, '\n').split('\n'), 0).nodes;

interface Blocks {
  readonly nodes: readonly Markup[];
  /** Whether an empty line stood between two of them. */
  readonly isLoose: boolean;
}

function blocks(lines: readonly string[], depth: number): Blocks {
  const nodes: Markup[] = [];
  let isLoose = false;
  let isApart = false;
  let at = 0;
  while (at < lines.length) {
    if (isEmpty(lines[at])) {
      isApart = nodes.length > 0;
      at += 1;
      continue;
    }
    isLoose ||= isApart;
    isApart = false;
    const { node, end } = depth > deepest ? paragraph(lines, at, true) : blockAt(lines, at, depth);
    nodes.push(node);
    at = Math.max(end, at + 1);
  }
  return { nodes, isLoose };
}

interface Block {
  readonly node: Markup;
  /** The line behind it. */
  readonly end: number;
}

function blockAt(lines: readonly string[], at: number, depth: number): Block {
  const line = lines[at] ?? '';
  if (patterns.code.test(line)) return indented(lines, at);
  const heading = patterns.heading.exec(line);
  if (heading !== null)
    return { node: headingOf(heading[1]?.length ?? 1, (heading[2] ?? '').replace(/(?:^|[ \t])#+[ \t]*$/, '')), end: at + 1 };
  if (patterns.rule.test(line)) return { node: { tag: 'hr', content: [] }, end: at + 1 };
  if (patterns.fence.test(line)) return fenced(lines, at);
  if (patterns.quote.test(line)) return quotation(lines, at, depth);
  if (patterns.item.test(line)) return list(lines, at, depth);
  return table(lines, at) ?? paragraph(lines, at, false);
}

const codeOf = (lines: readonly string[]): Markup => ({ tag: 'pre', content: [{ tag: 'code', content: [lines.join('\n')] }] });

function fenced(lines: readonly string[], at: number): Block {
  const [, indent = '', fence = ''] = patterns.fence.exec(lines[at] ?? '') ?? [];
  let end = at + 1;
  const isEnd = (line: string): boolean => {
    const text = line.trim();
    return text.length >= fence.length && line.search(/\S/) < 4 && text === (fence[0] ?? '').repeat(text.length);
  };
  while (end < lines.length && !isEnd(lines[end] ?? '')) end += 1;
  const body = lines.slice(at + 1, end).map((line) => line.slice(Math.min(indent.length, Math.max(0, line.search(/\S|$/)))));
  return { node: codeOf(body), end: end + 1 };
}

function indented(lines: readonly string[], at: number): Block {
  let end = at;
  let last = at;
  for (; end < lines.length && (isEmpty(lines[end]) || patterns.code.test(lines[end] ?? '')); end++) if (!isEmpty(lines[end])) last = end;
  return { node: codeOf(lines.slice(at, last + 1).map((line) => line.replace(patterns.code, ''))), end: last + 1 };
}

function quotation(lines: readonly string[], at: number, depth: number): Block {
  let end = at;
  // A line that goes on with its paragraph needs no mark of its own.
  while (
    end < lines.length &&
    (patterns.quote.test(lines[end] ?? '') || (!isEmpty(lines[end]) && !begins(lines[end] ?? '') && !patterns.item.test(lines[end] ?? '')))
  )
    end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(patterns.quote, ''));
  return { node: { tag: 'blockquote', content: blocks(inner, depth + 1).nodes }, end };
}

function list(lines: readonly string[], at: number, depth: number): Block {
  const first = patterns.item.exec(lines[at] ?? '');
  const kind = first?.[2]?.at(-1) ?? '-';
  const isNumbered = kind === '.' || kind === ')';
  const items: Blocks[] = [];
  let isLoose = false;
  let next = at;
  while (next < lines.length) {
    const found = patterns.item.exec(lines[next] ?? '');
    if (found === null || found[2]?.at(-1) !== kind || (next > at && patterns.rule.test(lines[next] ?? ''))) break;
    const width = found[0].length + (found[3] === '' ? 1 : 0);
    const end = itemEnd(lines, next, width);
    const body = [
      (lines[next] ?? '').slice(found[0].length),
      ...lines.slice(next + 1, end).map((line) => line.slice(Math.min(width, Math.max(0, line.search(/\S|$/))))),
    ];
    const item = blocks(body, depth + 1);
    items.push(item);
    let following = end;
    while (following < lines.length && isEmpty(lines[following])) following += 1;
    const goesOn = following < lines.length && patterns.item.exec(lines[following] ?? '')?.[2]?.at(-1) === kind;
    isLoose ||= item.isLoose || (goesOn && following > end);
    next = goesOn ? following : end;
  }
  const start = Number.parseInt(first?.[2] ?? '1', 10);
  const content = items.map(({ nodes }): Markup => ({ tag: 'li', content: withBox(isLoose ? nodes : nodes.flatMap(unwrapped)) }));
  return { node: isNumbered ? { tag: 'ol', start, content } : { tag: 'ul', content }, end: next };
}

/** Behind the last line of an item that is as far to the right as its text, or goes on with its paragraph. */
function itemEnd(lines: readonly string[], at: number, width: number): number {
  let end = at + 1;
  for (let next = at + 1; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (isEmpty(line)) continue;
    const isInside = line.search(/\S/) >= width;
    const isLazy = next === end && !isInside && !begins(line) && !patterns.item.test(line) && !isEmpty(lines[next - 1]);
    if (!isInside && !isLazy) break;
    end = next + 1;
  }
  return end;
}

const unwrapped = (node: Markup): readonly MarkupNode[] => (node.tag === 'p' ? node.content : [node]);

/** `[x] done` begins with a box. */
function withBox(content: readonly MarkupNode[]): readonly MarkupNode[] {
  const [first, ...rest] = content;
  if (typeof first === 'string') return [first.replace(/^\[([ xX])\](?= )/, (_, mark) => (mark === ' ' ? '☐' : '☑')), ...rest];
  return first?.tag === 'p' ? [{ ...first, content: withBox(first.content) }, ...rest] : content;
}

function cellsOf(line: string): string[] {
  const cells = line
    .trim()
    .replace(/^\|/, '')
    .split(/(?<!\\)\|/);
  if (cells.at(-1)?.trim() === '' && cells.length > 1) cells.pop();
  return cells.map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
}

const alignOf = (cell: string): string => (cell.endsWith(':') ? (cell.startsWith(':') ? 'center' : 'right') : '');

function table(lines: readonly string[], at: number): Block | null {
  const [head = '', under = ''] = [lines[at], lines[at + 1]];
  if (!head.includes('|') || !/^[\s|:-]*-[\s|:-]*$/.test(under)) return null;
  const marks = cellsOf(under);
  const names = cellsOf(head);
  if (names.length !== marks.length || !marks.every((mark) => /^:?-+:?$/.test(mark))) return null;
  let end = at + 2;
  while (end < lines.length && !isEmpty(lines[end]) && !begins(lines[end] ?? '')) end += 1;
  const row = (cells: readonly string[], tag: 'th' | 'td'): Markup => ({
    tag: 'tr',
    content: marks.map((mark, index) => ({ tag, align: alignOf(mark), content: inline(cells[index] ?? '') })),
  });
  return { node: { tag: 'table', content: [row(names, 'th'), ...lines.slice(at + 2, end).map((line) => row(cellsOf(line), 'td'))] }, end };
}

/** @param isPlain whether nothing can begin inside it */
function paragraph(lines: readonly string[], at: number, isPlain: boolean): Block {
  let end = at + 1;
  for (; end < lines.length && !isEmpty(lines[end]); end++) {
    const line = lines[end] ?? '';
    const under = isPlain ? null : patterns.underline.exec(line);
    if (under !== null) return { node: headingOf(under[1]?.startsWith('=') === true ? 1 : 2, textOf(lines.slice(at, end))), end: end + 1 };
    // A number other than 1 in the middle of a sentence begins no list.
    if (!isPlain && (begins(line) || /^ {0,3}(?:[-*+]|1[.)])[ \t]+\S/.test(line))) break;
  }
  return { node: { tag: 'p', content: inline(textOf(lines.slice(at, end)).trimEnd()) }, end };
}

const textOf = (lines: readonly string[]): string => lines.map((line) => line.replace(/^[ \t]+/, '')).join('\n');
