import { edgeId, metrics } from './layout.ts';
import type { Box, Layout, PlacedEdge, PlacedFacts, PlacedStart, PlacedState, Point } from './layout.ts';
import { diagramColours, diagramRules } from './style.ts';

/** A layout as SVG text. It holds classes and data, no style attribute, no script and no id, so that any page can take it as it is. */

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

const { nameLine, eventLine, gap, padding, dot } = metrics;
const cornerRadius = 6;
const headLength = 7;
const headWidth = 3.5;

const number = (value: number): string => String(Math.round(value * 10) / 10);
const at = ({ x, y }: Point): string => `${number(x)} ${number(y)}`;
const rect = (name: string, { x, y, width, height }: Box, radius: number): string =>
  `<rect class="${name}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${radius}"/>`;

/** The point so far from `from` on the way to `to`. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(1, distance / length);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** A line with round corners that ends where its arrowhead begins. */
function lineOf(points: readonly Point[]): string {
  const parts: string[] = [];
  points.forEach((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined) parts.push(`M${at(point)}`);
    else if (after === undefined) parts.push(`L${at(towards(point, before, headLength - 1))}`);
    else {
      const half = (other: Point): number => Math.hypot(other.x - point.x, other.y - point.y) / 2;
      const radius = Math.min(cornerRadius, half(before), half(after));
      parts.push(`L${at(towards(point, before, radius))}Q${at(point)} ${at(towards(point, after, radius))}`);
    }
  });
  return parts.join('');
}

function headOf(points: readonly Point[]): string {
  const [before, tip] = [points.at(-2), points.at(-1)];
  if (before === undefined || tip === undefined) return '';
  const base = towards(tip, before, headLength);
  const side = { x: ((tip.y - base.y) / headLength) * headWidth, y: ((base.x - tip.x) / headLength) * headWidth };
  return `M${at(tip)}L${at({ x: base.x + side.x, y: base.y + side.y })}L${at({ x: base.x - side.x, y: base.y - side.y })}Z`;
}

const arrow = (points: readonly Point[]): string =>
  `<path class="edge-line" d="${lineOf(points)}"/><path class="edge-head" d="${headOf(points)}"/>`;

/** A line of events, each for itself. `from`: the state that takes them. */
function eventLineOf(events: readonly string[], from: string | null, x: number, y: number, anchor: 'start' | 'middle'): string {
  const who = from === null ? '' : ` data-from="${escaped(from)}"`;
  const words = events.map((event) => `<tspan class="event" data-event="${escaped(event)}"${who}>${escaped(event)}</tspan>`);
  const space = `<tspan class="event">${'\u00A0'.repeat(gap)}</tspan>`;
  return `<text x="${number(x)}" y="${number(y)}" text-anchor="${anchor}">${words.join(space)}</text>`;
}

function stateOf(state: PlacedState): string {
  const { id, name, x, y, width, stays, children } = state;
  const top = y + padding;
  const middle = x + width / 2;
  return [
    `<g class="state" data-state="${escaped(id)}">`,
    rect('state-box', state, 7),
    `<text class="state-name" x="${number(middle)}" y="${number(top + nameLine - 6)}" text-anchor="middle">${escaped(name)}</text>`,
    ...stays.map((line, index) => eventLineOf(line, id, middle, top + nameLine + (index + 1) * eventLine - 5, 'middle')),
    ...children.map(stateOf),
    '</g>',
  ].join('');
}

function edgeOf(edge: PlacedEdge): string {
  const { from, label, events, points } = edge;
  return [
    `<g class="edge" data-edge="${escaped(edgeId(edge))}">`,
    arrow(points),
    rect('label-box', label, 3),
    ...events.map((event, index) =>
      eventLineOf([event], from, label.x + label.width / 2, label.y + 2 + (index + 1) * eventLine - 4, 'middle'),
    ),
    '</g>',
  ].join('');
}

const startOf = ({ dot: { x, y }, points, state }: PlacedStart): string =>
  `<g class="start" data-start="${escaped(state)}"><circle class="start-dot" cx="${number(x)}" cy="${number(y)}" r="${dot}"/>${arrow(points)}</g>`;

function factsOf(facts: PlacedFacts): string {
  const { x, y, lines } = facts;
  return [
    '<g class="facts">',
    rect('facts-box', facts, 7),
    `<text class="facts-title" x="${number(x + padding)}" y="${number(y + 15)}">In every state:</text>`,
    ...lines.map((line, index) => eventLineOf(line, null, x + padding, y + 16 + (index + 1) * eventLine - 3, 'start')),
    '</g>',
  ].join('');
}

export interface SvgOptions {
  /** For a file or a document: with colours of its own and a size. */
  readonly standalone?: boolean;
}

export function svgOf(layout: Layout, { standalone = false }: SvgOptions = {}): string {
  const { machine, width, height, states, edges, starts, facts } = layout;
  const title = escaped(`The states of the ${machine} machine`);
  const size = `viewBox="0 0 ${number(width)} ${number(height)}"`;
  const fixed = standalone ? ` width="${number(width)}" height="${number(height)}"` : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="diagram" ${size}${fixed} role="img" aria-label="${title}">`,
    ...(standalone ? [`<title>${title}</title>`, `<style>\n${diagramColours}\n${diagramRules}\n</style>`] : []),
    // Boxes over lines, labels over both.
    ...states.map(stateOf),
    ...starts.map(startOf),
    ...edges.map(edgeOf),
    ...(facts === null ? [] : [factsOf(facts)]),
    '</svg>',
    '',
  ].join('\n');
}
