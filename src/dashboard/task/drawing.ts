import { safeCopy } from './safe-nodes.ts';

const data = ['data-state', 'data-edge', 'data-event', 'data-from', 'data-start'];
const shared = ['class', 'x', 'y', 'text-anchor', ...data];
const elements = new Map([
  ['svg', ['class', 'viewBox', 'role', 'aria-label']],
  ['g', shared],
  ['path', ['class', 'd']],
  ['rect', ['class', 'x', 'y', 'width', 'height', 'rx']],
  ['circle', ['class', 'cx', 'cy', 'r']],
  ['text', shared],
  ['tspan', shared],
]);

/** A diagram that the service drew, as a picture of this page; null when it is none. */
export function drawingOf(svg: string): Element | null {
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml');
  const { documentElement: root } = parsed;
  if (root.localName !== 'svg' || parsed.querySelector('parsererror') !== null) return null;
  return safeCopy(parsed, { elements }).firstElementChild;
}
