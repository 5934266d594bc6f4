import { markdown } from './markdown-blocks.ts';
import type { MarkupNode } from './markup.ts';

/** Markdown of anybody as nodes of this page. */
export const renderMarkdown = (text: string): DocumentFragment => nodesOf(markdown(text));

function nodesOf(content: readonly MarkupNode[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const node of content) {
    if (typeof node === 'string') {
      fragment.append(node);
      continue;
    }
    const element = document.createElement(node.tag);
    if (node.align !== undefined && node.align !== '') element.style.textAlign = node.align;
    if (node.start !== undefined && node.start !== 1) element.setAttribute('start', String(node.start));
    if (node.href !== undefined && element instanceof HTMLAnchorElement) {
      element.href = node.href;
      element.rel = 'noreferrer noopener';
      element.target = '_blank';
      element.title = node.href;
    }
    element.append(nodesOf(node.content));
    fragment.append(element);
  }
  return fragment;
}
