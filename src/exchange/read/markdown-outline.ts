/** The headings and checklist items of a markdown text as a tree; whatever else is written belongs to the one that it stands below. */

export interface OutlineNode {
  readonly line: number;
  readonly text: string;
  /** What is in the box; null for a heading. */
  readonly mark: string | null;
  /** Of a heading 1 to 6, 0 for the whole; of an item its column. */
  readonly level: number;
  readonly lines: string[];
  children: OutlineNode[];
}

interface Outline {
  readonly root: OutlineNode;
  readonly deepest: { readonly depth: number; readonly line: number };
}

const heading = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/;
const item = /^([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+\[([^\]])\](?:[ \t]+(.*))?$/u;
const fence = /^[ \t]*(```+|~~~+)/;

const columnOf = (blank: string): number => blank.replaceAll('\t', '    ').length;

export function outlineOf(text: string, name: string): Outline {
  const root: OutlineNode = { line: 1, text: name, mark: null, level: 0, lines: [], children: [] };
  let headings: OutlineNode[] = [root];
  let items: OutlineNode[] = [];
  let deepest = { depth: 0, line: 1 };
  let fenced: string | null = null;
  const add = (above: OutlineNode, node: OutlineNode): void => {
    above.children.push(node);
    const depth = headings.length + items.length;
    if (depth > deepest.depth) deepest = { depth, line: node.line };
  };
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .forEach((written, index) => {
      const line = index + 1;
      const [, bar] = fence.exec(written) ?? [];
      const [, signs, title] = fenced === null ? (heading.exec(written) ?? []) : [];
      const [, blank, mark, words] = fenced === null ? (item.exec(written) ?? []) : [];
      if (bar !== undefined && fenced === null) fenced = bar;
      else if (bar !== undefined && fenced !== null && bar.startsWith(fenced)) fenced = null;
      if (signs !== undefined && title !== undefined) {
        headings = headings.filter(({ level }) => level < signs.length);
        items = [];
        const node: OutlineNode = { line, text: title, mark: null, level: signs.length, lines: [], children: [] };
        add(headings.at(-1) ?? root, node);
        headings.push(node);
      } else if (blank !== undefined && mark !== undefined && (words ?? '').trim() !== '') {
        const level = columnOf(blank);
        items = items.filter((above) => above.level < level);
        const node: OutlineNode = { line, text: (words ?? '').trim(), mark, level, lines: [], children: [] };
        add(items.at(-1) ?? headings.at(-1) ?? root, node);
        items.push(node);
      } else {
        const column = columnOf(/^[ \t]*/.exec(written)?.[0] ?? '');
        if (written.trim() !== '' && fenced === null && column === 0) items = [];
        const owner = items.findLast(({ level }) => level < column || written.trim() === '') ?? headings.at(-1) ?? root;
        owner.lines.push(items.length === 0 ? written : written.trim().replace(/^>\s?/, ''));
      }
    });
  return { root: titled(prune(root)), deepest };
}

/** Headings without an item anywhere below them are no tasks. */
function prune(node: OutlineNode): OutlineNode {
  node.children = node.children.filter((child) => child.mark !== null || prune(child).children.length > 0);
  return node;
}

/** A text whose only top heading holds everything is called by it. */
function titled(root: OutlineNode): OutlineNode {
  const [only, ...rest] = root.children;
  if (only === undefined || rest.length > 0 || only.mark !== null || only.level !== 1) return root;
  return { ...root, line: only.line, text: only.text, lines: [...root.lines, ...only.lines], children: only.children };
}
