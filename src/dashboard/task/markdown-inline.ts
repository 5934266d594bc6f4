import type { Markup, MarkupNode } from './markup.ts';

/** Inside a block: emphasis, code, links. One pass; every step looks back or ahead a bounded way, so no text keeps the page busy. */

type Mark = '*' | '**' | '_' | '__' | '~~';
const tags: Readonly<Record<Mark, Markup['tag']>> = { '*': 'em', '**': 'strong', _: 'em', __: 'strong', '~~': 'del' };
/** What can be made of a sign: alone, and of two. */
const marksOf: Readonly<Record<string, readonly [Mark | null, Mark]>> = { '*': ['*', '**'], _: ['_', '__'], '~': [null, '~~'] };
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00A0' };

const longestAddress = 2_000;
const deepest = 8;
const mostOpen = 64;
const isWord = (sign: string | undefined): boolean => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
const isBlank = (sign: string | undefined): boolean => sign === undefined || /\s/.test(sign);

interface Open {
  /** Null at the bottom. */
  readonly mark: Mark | null;
  readonly content: MarkupNode[];
}

/** Where each `[` is closed. */
function bracketsOf(text: string): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '\\') at += 1;
    else if (sign === '[') open.push(at);
    else if (sign === ']') {
      const from = open.pop();
      if (from !== undefined) pairs.set(from, at);
    }
  }
  return pairs;
}

/** `(address "title")` from the parenthesis on. */
function addressAt(text: string, from: number): { readonly address: string; readonly end: number } | null {
  if (text[from] !== '(') return null;
  const most = Math.min(text.length, from + longestAddress);
  let at = from + 1;
  let depth = 0;
  for (; at < most && !isBlank(text[at]); at++) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')' && depth-- === 0) break;
  }
  const address = text.slice(from + 1, at).replace(/^<(.*)>$/, '$1');
  if (text[at] === ')') return { address, end: at + 1 };
  const rest = /^\s+(?:"[^"]*"|'[^']*')\s*\)/.exec(text.slice(at, most));
  return rest === null ? null : { address, end: at + rest[0].length };
}

const leadsOut = (address: string): boolean => /^(?:https?:\/\/|mailto:)\S+$/i.test(address);
const linkTo = (address: string, content: readonly MarkupNode[]): readonly MarkupNode[] =>
  leadsOut(address) ? [{ tag: 'a', href: address, content }] : content;

export function inline(text: string, depth = 0): MarkupNode[] {
  const brackets = bracketsOf(text);
  const stack: Open[] = [{ mark: null, content: [] }];
  const opened: Record<Mark, number> = { '*': 0, '**': 0, _: 0, __: 0, '~~': 0 };
  const put = (...nodes: readonly MarkupNode[]): void => {
    const content = stack.at(-1)?.content ?? [];
    for (const node of nodes) {
      const last = content.at(-1);
      if (typeof node === 'string' && typeof last === 'string') content[content.length - 1] = last + node;
      else if (node !== '') content.push(node);
    }
  };
  /** What was opened and never closed stands as it was written. */
  const giveUp = (): void => {
    const { mark, content } = stack.pop() ?? { mark: null, content: [] };
    if (mark !== null) opened[mark] -= 1;
    put(mark ?? '');
    put(...content);
  };
  const close = (mark: Mark): void => {
    while (stack.length > 1 && stack.at(-1)?.mark !== mark) giveUp();
    const { content } = stack.pop() ?? { content: [] };
    opened[mark] -= 1;
    put({ tag: tags[mark], content });
  };
  /** A run of `*`, `_` or `~`, taken apart into marks that close or open. */
  const run = (sign: string, length: number, before: string | undefined, after: string | undefined): void => {
    const isInWord = sign === '_' && isWord(before) && isWord(after);
    const canClose = !isBlank(before) && !isInWord && !(sign === '_' && isWord(after));
    const canOpen = !isBlank(after) && !isInWord && !(sign === '_' && isWord(before));
    const [single, double] = marksOf[sign] ?? [null, '**'];
    for (let left = length; left > 0;) {
      const top = stack.at(-1)?.mark ?? null;
      const isOfTop = top !== null && top.startsWith(sign) && top.length <= left;
      const opener = [left > 1 ? double : null, single].find((mark) => mark !== null && opened[mark] > 0);
      const closes = canClose ? (isOfTop ? top : opener) : null;
      if (closes != null) {
        left -= closes.length;
        close(closes);
      } else if (canOpen && stack.length < mostOpen) {
        // Of three the one stands outside of the two.
        const mark = single !== null && left % 2 === 1 ? single : double;
        left -= mark.length;
        stack.push({ mark, content: [] });
        opened[mark] += 1;
      } else {
        put(sign.repeat(left));
        return;
      }
    }
  };

  for (let at = 0; at < text.length;) {
    const sign = text[at] ?? '';
    const rest = (pattern: RegExp): RegExpExecArray | null => {
      pattern.lastIndex = at;
      return pattern.exec(text);
    };
    const words = rest(/[^\\`*_~![\]<&\nh]+/y) ?? rest(/h(?!ttps?:\/\/)/y);
    if (words !== null) {
      put(words[0]);
      at += words[0].length;
      continue;
    }
    const escaped = rest(/\\([!-/:-@[-`{-~])/y);
    const ticks = rest(/`+/y)?.[0];
    const hard = rest(/\\?\n/y)?.[0];
    const marks = rest(/\*{1,3}|_{1,3}|~~/y)?.[0];
    const plain = rest(/<(https?:\/\/[^\s<>]+|mailto:[^\s<>]+)>/iy);
    const bare = isWord(text[at - 1]) ? null : rest(/https?:\/\/[^\s<>`]*[^\s<>`.,;:!?'"*_)\]]/y);
    const entity = rest(/&(amp|lt|gt|quot|nbsp);/y);
    const isPicture = sign === '!' && text[at + 1] === '[';
    const bracket = isPicture ? at + 1 : at;
    const end = sign === '[' || isPicture ? brackets.get(bracket) : undefined;
    const target = end === undefined || depth >= deepest ? null : addressAt(text, end + 1);
    if (escaped !== null) {
      put(escaped[1] ?? '');
      at += 2;
    } else if (ticks !== undefined) {
      const to = closingTicks(text, at + ticks.length, ticks);
      if (to === -1) put(ticks);
      else put({ tag: 'code', content: [codeText(text.slice(at + ticks.length, to))] });
      at = to === -1 ? at + ticks.length : to + ticks.length;
    } else if (hard !== undefined) {
      const isBreak = hard.length > 1 || / {2}$/.test(text.slice(Math.max(0, at - 2), at));
      put(...(isBreak ? [{ tag: 'br', content: [] } as const] : ['\n']));
      at += hard.length;
    } else if (marks !== undefined) {
      run(sign, marks.length, text[at - 1], text[at + marks.length]);
      at += marks.length;
    } else if (plain !== null || bare !== null) {
      const address = plain?.[1] ?? bare?.[0] ?? '';
      put(...linkTo(address, [address]));
      at += (plain ?? bare)?.[0].length ?? 1;
    } else if (entity !== null) {
      put(entities[entity[1] ?? ''] ?? '');
      at += entity[0].length;
    } else if (target !== null && end !== undefined) {
      const label = text.slice(bracket + 1, end);
      // A picture would be fetched from somewhere; what it shows is told instead.
      put(...(isPicture ? [label === '' ? '[picture]' : `[picture: ${label}]`] : linkTo(target.address, inline(label, depth + 1))));
      at = target.end;
    } else {
      put(sign);
      at += 1;
    }
  }
  while (stack.length > 1) giveUp();
  return stack[0]?.content ?? [];
}

/** Where as many backticks stand again, no more and no fewer; -1 when nowhere. */
function closingTicks(text: string, from: number, ticks: string): number {
  for (let at = text.indexOf(ticks, from); at !== -1;) {
    let to = at + ticks.length;
    while (text[to] === '`') to += 1;
    if (to - at === ticks.length) return at;
    at = text.indexOf(ticks, to);
  }
  return -1;
}

function codeText(given: string): string {
  const line = given.replaceAll('\n', ' ');
  return line.length > 2 && line.startsWith(' ') && line.endsWith(' ') && line.trim() !== '' ? line.slice(1, -1) : line;
}
