const data = ['data-state', 'data-edge', 'data-event', 'data-from', 'data-start'];
const shared = ['class', 'x', 'y', 'text-anchor', ...data];
/** What a diagram is made of. Another element is left out with all that is in it, and so is another attribute. */
const elements: Readonly<Record<string, readonly string[]>> = {
  svg: ['class', 'viewBox', 'role', 'aria-label'],
  g: shared,
  path: ['class', 'd'],
  rect: ['class', 'x', 'y', 'width', 'height', 'rx'],
  circle: ['class', 'cx', 'cy', 'r'],
  text: shared,
  tspan: shared,
};

/** A diagram that the service drew, as a picture of this page; null when it is none. */
export function drawingOf(svg: string): Element | null {
  const { documentElement: root } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  // A text that is no XML is parsed into a document that says so, somewhere in it.
  return root.localName === 'svg' && root.querySelector('parsererror') === null ? copyOf(root) : null;
}

function copyOf(from: Element): Element | null {
  const attributes = elements[from.localName];
  if (attributes === undefined) return null;
  const copy = document.createElementNS('http://www.w3.org/2000/svg', from.localName);
  for (const name of attributes) {
    const value = from.getAttribute(name);
    if (value !== null) copy.setAttribute(name, value);
  }
  for (const node of from.childNodes) {
    const child = node instanceof Element ? copyOf(node) : node.nodeType === Node.TEXT_NODE ? (node.nodeValue ?? '') : null;
    if (child !== null) copy.append(child);
  }
  return copy;
}
