import { expect, test } from 'vitest';
import { diagramOf, machineDescriptions } from '../../../src/machines/diagram.ts';

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly events: readonly string[];
}

/** A parser of the part of `stateDiagram-v2` that a flat machine needs; whatever else is written fails. */
function parse(text: string): Arrow[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  expect(head).toBe('stateDiagram-v2');
  return lines.map((line) => {
    const found = /^ +(\[\*\]|[A-Za-z]\w*) --> (\[\*\]|[A-Za-z]\w*)(?:: ([^:;#]+))?$/.exec(line);
    if (found === null) throw new SyntaxError(`not a transition of a state diagram: ${line}`);
    const [, from = '', to = '', label] = found;
    return { from, to, events: label?.split(', ') ?? [] };
  });
}

test.each(['task', 'session'])('the Mermaid of the %s machine parses to its transitions', (id) => {
  const { initial, transitions } = machineDescriptions.get(id)!;
  const [start, ...arrows] = parse(diagramOf(id, 'mermaid')!);
  expect(start).toEqual({ from: '[*]', to: initial, events: [] });
  const told = arrows.flatMap(({ from, to, events }) => events.map((event) => `${from} ${event} ${to}`));
  const wanted = transitions.filter(({ from, to }) => from !== to).map(({ from, event, to }) => `${from} ${event} ${to}`);
  expect(told.toSorted()).toEqual([...new Set(wanted)].toSorted());
});

test('the parser refuses what is no state diagram', () => {
  expect(() => parse('stateDiagram-v2\n    a --> b: x: y')).toThrow(SyntaxError);
  expect(() => parse('stateDiagram-v2\n    a -> b')).toThrow(SyntaxError);
});
