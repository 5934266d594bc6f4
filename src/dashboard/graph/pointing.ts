import type { Point } from './layout.ts';

interface Does {
  move(by: Point): void;
  zoom(factor: number, at: Point): void;
  tap(target: EventTarget | null): void;
  open(target: EventTarget | null): void;
}

/** Nearer than this a press is a tap. */
const slack = 4;

/** A mouse, pen or finger that drags, two fingers that pinch, a tap, and two taps. Answers how to stop. */
export function dragging(element: HTMLElement, does: Does): () => void {
  const down = new Map<number, Point>();
  let travelled = 0;
  const pointOf = ({ clientX: x, clientY: y }: PointerEvent): Point => ({ x, y });

  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    if (down.size === 0) travelled = 0;
    down.set(event.pointerId, pointOf(event));
  };
  const onMove = (event: PointerEvent): void => {
    const from = down.get(event.pointerId);
    if (from === undefined) return;
    const to = pointOf(event);
    travelled += Math.hypot(to.x - from.x, to.y - from.y);
    if (travelled < slack) return;
    if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    const [other] = [...down].flatMap(([id, point]) => (id === event.pointerId ? [] : [point]));
    down.set(event.pointerId, to);
    if (other === undefined) {
      does.move({ x: to.x - from.x, y: to.y - from.y });
      return;
    }
    const { left, top } = element.getBoundingClientRect();
    const apart = (one: Point): number => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
    does.zoom(apart(to) / apart(from), { x: (to.x + other.x) / 2 - left, y: (to.y + other.y) / 2 - top });
  };
  const onUp = (event: PointerEvent): void => {
    down.delete(event.pointerId);
  };
  const stop = new AbortController();
  const { signal } = stop;
  element.addEventListener('pointerdown', onDown, { signal });
  element.addEventListener('pointermove', onMove, { signal });
  element.addEventListener('pointerup', onUp, { signal });
  element.addEventListener('pointercancel', onUp, { signal });
  element.addEventListener('click', ({ target }) => travelled < slack && does.tap(target), { signal });
  element.addEventListener('dblclick', ({ target }) => does.open(target), { signal });
  return () => stop.abort();
}
