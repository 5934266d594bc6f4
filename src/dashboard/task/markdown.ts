import { micromark } from 'micromark';

import { safeCopy } from './safe-nodes.ts';

const plain = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'br', 'hr', 'em', 'strong', 'del', 'blockquote', 'pre', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'sup', 'section'];
const elements = new Map([
  ...plain.map((name) => [name, []] as const),
  ['ol', ['start']],
  ['code', ['class']],
  ['th', ['align']],
  ['td', ['align']],
  ['input', ['type', 'checked', 'disabled']],
]);

/** A link leads out of the page, to where its text says; a picture is not fetched. */
function instead(element: Element): Node | undefined {
  if (element.localName === 'img') {
    const words = element.getAttribute('alt') ?? '';
    return document.createTextNode(words === '' ? '[picture]' : `[picture: ${words}]`);
  }
  if (element.localName !== 'a') return undefined;
  const content = safeCopy(element, { elements, instead });
  const target = element.getAttribute('href') ?? '';
  // Any other address would be one of this page.
  if (!/^(https?|mailto):/i.test(target)) return content;
  const link = document.createElement('a');
  link.href = target;
  link.rel = 'noreferrer noopener';
  link.target = '_blank';
  link.title = target;
  link.append(content);
  return link;
}

/** Markdown of anybody as nodes of this page; HTML in it is shown as it is written. */
export function renderMarkdown(text: string): DocumentFragment {
  const html = micromark(text);
  return safeCopy(new DOMParser().parseFromString(html, 'text/html').body, { elements, instead });
}
