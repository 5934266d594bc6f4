import type { Box, Point } from './layout.ts';

/** The part of the drawing that is seen: a place of the drawing stands at `place * scale + (x, y)` of the window. */
export interface Viewport extends Point {
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const smallest = 0.05;
const largest = 2.5;
const margin = 24;
const hair = 0.01;

const within = (value: number, from: number, to: number): number => Math.min(Math.max(value, from), to);

/** All of the drawing, no larger than it is. */
export function fit(drawing: Size, window: Size): Viewport {
  const room = { width: Math.max(1, window.width - 2 * margin), height: Math.max(1, window.height - 2 * margin) };
  const scale = within(Math.min(room.width / Math.max(1, drawing.width), room.height / Math.max(1, drawing.height)), smallest, 1);
  return { scale, x: (window.width - drawing.width * scale) / 2, y: (window.height - drawing.height * scale) / 2 };
}

/** Larger or smaller by a factor; what is at a place of the window stays there. */
export function zoom({ scale, x, y }: Viewport, factor: number, at: Point): Viewport {
  const next = within(scale * factor, smallest, largest);
  const share = next / scale;
  return { scale: next, x: at.x - (at.x - x) * share, y: at.y - (at.y - y) * share };
}

/** Moves a part of the drawing into the middle; too small to be read, it is brought nearer. */
export function centre({ scale }: Viewport, box: Box, window: Size): Viewport {
  const next = Math.max(scale, 0.8);
  return {
    scale: next,
    x: window.width / 2 - (box.x + box.width / 2) * next,
    y: window.height / 2 - (box.y + box.height / 2) * next,
  };
}

/** Moves as little as it takes to see a part of the drawing. */
export function reveal(view: Viewport, box: Box, window: Size): Viewport {
  const { scale, x, y } = view;
  const shift = (begin: number, length: number, room: number): number =>
    begin < margin ? margin - begin : Math.min(0, Math.max(room - margin - begin - length, margin - begin));
  return {
    scale,
    x: x + shift(box.x * scale + x, box.width * scale, window.width),
    y: y + shift(box.y * scale + y, box.height * scale, window.height),
  };
}

/** Moved, but never so far that nothing of the drawing is left. */
export function pan({ scale, x, y }: Viewport, by: Point, drawing: Size, window: Size): Viewport {
  const kept = 80;
  return {
    scale,
    x: within(x + by.x, kept - drawing.width * scale, window.width - kept),
    y: within(y + by.y, kept - drawing.height * scale, window.height - kept),
  };
}

/** What is seen of the drawing, and around it as much again in every direction. */
export function seen({ scale, x, y }: Viewport, window: Size, around = 0): Box {
  const [width, height] = [window.width / scale, window.height / scale];
  return {
    x: -x / scale - width * around,
    y: -y / scale - height * around,
    width: width * (1 + 2 * around),
    height: height * (1 + 2 * around),
  };
}

export const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

/** Whether all of a box lies within another; a hair's breadth counts for nothing. */
export const contains = (outer: Box, inner: Box): boolean =>
  outer.x - hair <= inner.x &&
  outer.y - hair <= inner.y &&
  outer.x + outer.width + hair >= inner.x + inner.width &&
  outer.y + outer.height + hair >= inner.y + inner.height;

/** What both have in common; without height or width when that is nothing. */
export function meet(one: Box, other: Box): Box {
  const [x, y] = [Math.max(one.x, other.x), Math.max(one.y, other.y)];
  return {
    x,
    y,
    width: Math.max(0, Math.min(one.x + one.width, other.x + other.width) - x),
    height: Math.max(0, Math.min(one.y + one.height, other.y + other.height) - y),
  };
}
