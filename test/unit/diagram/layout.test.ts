import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { machineDescriptions } from '../../../src/machines/diagram.ts';
import type { Box, Layout, PlacedState, Point } from '../../../src/machines/diagram/layout.ts';
import { filesOfMachines } from '../../../tools/diagrams/files.ts';
import { layoutOf } from '../../../tools/diagrams/layout-of.ts';
import { drawn } from '../../../tools/diagrams/machines.ts';
import { nestedMachine } from './machines.ts';

/** The layouts are those of the machines, and nothing in them hides anything else. */

const all = [...drawn, { machine: nestedMachine, mainWay: ['idle', 'working', 'finished'] }];
const layouts: [string, Layout][] = await Promise.all(
  all.map(async ({ machine, mainWay }) => [machine.id, await layoutOf(machine, { mainWay })] as [string, Layout]),
);
const layoutBy = new Map(layouts);

const flat = (states: readonly PlacedState[]): PlacedState[] => states.flatMap((state) => [state, ...flat(state.children)]);
const meet = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const holds = (outer: Box, inner: Box): boolean =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;
const segments = (points: readonly Point[]): Box[] =>
  points.slice(1).map((to, index) => {
    const from = points[index]!;
    return { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(from.x - to.x), height: Math.abs(from.y - to.y) };
  });
const isWithin = (id: string, outer: string): boolean => id === outer || id.startsWith(`${outer}.`);

test('what is committed is what the machines give now: npm run diagrams', async () => {
  for (const [path, text] of await filesOfMachines()) expect([path, await readFile(path, 'utf8')]).toEqual([path, text]);
});

test.each(drawn)('every transition of the $machine.id machine is drawn once', ({ machine }) => {
  const { states, edges, facts } = layoutBy.get(machine.id)!;
  const { transitions, initial } = machineDescriptions.get(machine.id)!;
  const told = (facts?.lines ?? []).flat();
  expect(told).toEqual(Object.keys(machine.config.on ?? {}));
  const shown = [
    ...states.flatMap(({ id, stays }) => stays.flat().map((event) => `${id} ${event} ${id}`)),
    ...edges.flatMap(({ from, to, events }) => events.map((event) => `${from} ${event} ${to}`)),
  ];
  const wanted = transitions
    .filter(({ from, to, event }) => from !== to || !told.includes(event))
    .map(({ from, event, to }) => `${from} ${event} ${to}`);
  expect(shown.toSorted()).toEqual([...new Set(wanted)].toSorted());
  expect(new Set(edges.map(({ from, to }) => `${from} ${to}`)).size).toBe(edges.length);
  expect(layoutBy.get(machine.id)!.starts.map(({ state }) => state)).toEqual([initial]);
});

describe.each(layouts)('%s', (_, { width, height, states, edges, starts, facts }) => {
  const boxes = flat(states);

  test('no label lies on a state or on another label, and all is within the picture', () => {
    for (const [index, { label, from, to }] of edges.entries()) {
      const at = `${from}->${to}`;
      expect([at, label.width > 0 && label.height > 0]).toEqual([at, true]);
      // Within a state of states a label may lie, below its name.
      const hidden = boxes.filter((box) => meet(label, box) && !(box.children.length > 0 && holds({ ...box, y: box.y + 24 }, label)));
      expect([at, hidden.map(({ id }) => id)]).toEqual([at, []]);
      expect([at, edges.filter((other, place) => place !== index && meet(label, other.label)).length]).toEqual([at, 0]);
    }
    const picture = { x: 0, y: 0, width, height };
    for (const box of [...boxes, ...edges.map(({ label }) => label), ...(facts === null ? [] : [facts])])
      expect(holds(picture, box)).toBe(true);
    expect(boxes.filter((box) => facts !== null && meet(facts, box))).toEqual([]);
  });

  test('no arrow runs through a state or a label that is not its own', () => {
    for (const [index, { from, to, points }] of edges.entries()) {
      const lines = segments(points);
      const through = boxes.filter((box) => !isWithin(from, box.id) && !isWithin(to, box.id) && lines.some((line) => meet(line, box)));
      const over = edges.filter((other, place) => place !== index && lines.some((line) => meet(line, other.label)));
      expect([`${from}->${to}`, through.map(({ id }) => id), over.map((other) => `${other.from}->${other.to}`)]).toEqual([
        `${from}->${to}`,
        [],
        [],
      ]);
    }
  });

  test('an arrow begins and ends at the border of its states, and its label lies on it', () => {
    const box = new Map(boxes.map((state) => [state.id, state]));
    const onBorder = ({ x, y }: Point, { x: left, y: top, width: w, height: h }: Box): boolean => {
      const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.5;
      const [inX, inY] = [left - 0.5 < x && x < left + w + 0.5, top - 0.5 < y && y < top + h + 0.5];
      return (inX && (near(y, top) || near(y, top + h))) || (inY && (near(x, left) || near(x, left + w)));
    };
    for (const { from, to, points, label } of edges) {
      expect([from, to, onBorder(points[0]!, box.get(from)!), onBorder(points.at(-1)!, box.get(to)!)]).toEqual([from, to, true, true]);
      expect(segments(points).some((line) => meet(line, label))).toBe(true);
    }
    for (const { state, points } of starts) expect([state, onBorder(points.at(-1)!, box.get(state)!)]).toEqual([state, true]);
  });
});

test('the main way of a task goes straight down from the top, and the picture fits a narrow panel', () => {
  const { states, width } = layoutBy.get('task')!;
  expect(states.map(({ id }) => id).slice(0, 3)).toEqual(['pending', 'in_progress', 'completed']);
  const [pending, running, completed] = states as [PlacedState, PlacedState, PlacedState];
  expect(states.every(({ y }) => y >= pending.y)).toBe(true);
  for (const [above, below] of [
    [pending, running],
    [running, completed],
  ] as const) {
    expect(below.y).toBeGreaterThan(above.y + above.height);
    expect(Math.max(above.x, below.x)).toBeLessThan(Math.min(above.x + above.width, below.x + below.width));
  }
  const straight = layoutBy
    .get('task')!
    .edges.filter(({ points }) => points.length === 2)
    .map(({ from, to }) => `${from}->${to}`);
  expect(straight).toEqual(expect.arrayContaining(['pending->in_progress', 'in_progress->completed']));
  expect(width).toBeLessThanOrEqual(700);
});

describe('a machine with states in states', () => {
  const { states, edges, starts, facts } = layoutBy.get('nested')!;

  test('has them within each other, the initial one first', () => {
    expect(states.map(({ id }) => id)).toEqual(['idle', 'working', 'finished']);
    const working = states[1]!;
    expect(working.children.map(({ id, name }) => [id, name])).toEqual([
      ['working.second', 'second'],
      ['working.first', 'first'],
      ['working.done', 'done'],
    ]);
    for (const child of working.children) expect(holds(working, child)).toBe(true);
    expect(starts.map(({ state }) => state)).toEqual(['idle', 'working.second']);
  });

  test('has its arrows through the borders, with the events by the names that people know', () => {
    expect(edges.map(({ from, to, events }) => `${from}->${to}: ${events.join(', ')}`).toSorted()).toEqual([
      'finished->idle: always',
      'finished->working.second: AGAIN',
      'idle->working: GO',
      'working->finished: done',
      'working->idle: STOP',
      'working->working.done: SKIP',
      'working.first->working.done: STEP',
      'working.second->working.first: STEP, after pause',
    ]);
    expect(facts?.lines).toEqual([['a "fact" <b>&</b>']]);
    expect(states[1]!.children[1]!.stays).toEqual([['STEP']]);
  });
});
