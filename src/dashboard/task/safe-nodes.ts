/** Copies markup that others made, element by element, and nothing of it that is not named here. */

export interface Allowed {
  /** The attributes of each element, by its name in lower case; another element is left out with all that is in it. */
  readonly elements: ReadonlyMap<string, readonly string[]>;
  /** What stands for an element instead; undefined to copy it. */
  readonly instead?: (element: Element) => Node | undefined;
}

export function safeCopy(from: ParentNode & Node, allowed: Allowed): DocumentFragment {
  const copy = document.createDocumentFragment();
  copyInto(copy, from, allowed);
  return copy;
}

function copyInto(to: Node, from: Node, allowed: Allowed): void {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.appendChild(document.createTextNode(node.nodeValue ?? ''));
    if (!(node instanceof Element)) continue;
    const instead = allowed.instead?.(node);
    const attributes = allowed.elements.get(node.localName.toLowerCase());
    if (instead !== undefined) to.appendChild(instead);
    if (instead !== undefined || attributes === undefined) continue;
    const element = document.createElementNS(node.namespaceURI, node.localName);
    for (const name of attributes) {
      const value = node.getAttribute(name);
      if (value !== null) element.setAttribute(name, value);
    }
    copyInto(element, node, allowed);
    to.appendChild(element);
  }
}
