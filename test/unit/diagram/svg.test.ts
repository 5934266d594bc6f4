import { describe, expect, test } from 'vitest';
import { diagramOf, machineDescriptions } from '../../../src/machines/diagram.ts';
import { svgOf } from '../../../src/machines/diagram/svg.ts';
import { layoutOf } from '../../../tools/diagrams/layout-of.ts';
import { nestedMachine } from './machines.ts';

/** Every tag of a picture with its attributes; fails when a tag is not closed, or when something else is written than XML allows. */
function tagsOf(svg: string): { name: string; attributes: Record<string, string> }[] {
  const open: string[] = [];
  const tags: { name: string; attributes: Record<string, string> }[] = [];
  for (const [, text = '', closing, name = '', rest = '', empty] of svg.matchAll(/([^<]*)<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/gs)) {
    if (open.at(-1) !== 'style' && !/^(?:[^&<>]|&(?:amp|lt|gt|quot|#39);)*$/.test(text)) throw new SyntaxError(`not escaped: ${text}`);
    if (closing === '/') {
      if (open.pop() !== name) throw new SyntaxError(`${name} is closed and was not open`);
    } else {
      tags.push({
        name,
        attributes: Object.fromEntries([...rest.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])),
      });
      if (empty !== '/') open.push(name);
    }
  }
  if (open.length > 0) throw new SyntaxError(`never closed: ${open.join(', ')}`);
  return tags;
}
const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
const dataOf = (svg: string, key: string): string[] =>
  tagsOf(svg)
    .flatMap(({ attributes }) => attributes[key] ?? [])
    .map(unescaped);

const nested = await layoutOf(nestedMachine, { mainWay: [] });

describe.each(['task', 'session'])('the picture of the %s machine', (id) => {
  const bare = diagramOf(id, 'svg')!;
  const { states, transitions } = machineDescriptions.get(id)!;

  test('names its states, arrows and events for whoever lights them', () => {
    expect(dataOf(bare, 'data-state').toSorted()).toEqual(states.toSorted());
    const ways = transitions.filter(({ from, to }) => from !== to);
    expect(new Set(dataOf(bare, 'data-edge'))).toEqual(new Set(ways.map(({ from, to }) => `${from}->${to}`)));
    expect(new Set(dataOf(bare, 'data-event'))).toEqual(new Set(machineDescriptions.get(id)!.events));
    for (const from of dataOf(bare, 'data-from')) expect(states).toContain(from);
  });

  test('can be put into a page of a strict policy: no style, script, id or link', () => {
    for (const { name, attributes } of tagsOf(bare)) {
      expect(['svg', 'g', 'rect', 'path', 'circle', 'text', 'tspan']).toContain(name);
      expect(Object.keys(attributes).filter((key) => /^(?:style|id|on|href|xlink)/.test(key))).toEqual([]);
    }
  });

  test('stands alone with a title, a size and colours for light and dark', () => {
    const alone = diagramOf(id, 'svg', { standalone: true })!;
    expect(alone).toContain(`<title>The states of the ${id} machine</title>`);
    expect(alone).toMatch(/<style>[^<]*prefers-color-scheme: dark[^<]*<\/style>/);
    const [root] = tagsOf(alone);
    expect(root!.attributes).toMatchObject({ role: 'img', 'aria-label': `The states of the ${id} machine` });
    expect(root!.attributes['viewBox']).toBe(`0 0 ${root!.attributes['width']} ${root!.attributes['height']}`);
    const drawing = (svg: string): string => svg.slice(svg.indexOf('<g '));
    expect(drawing(alone)).toBe(drawing(bare));
  });
});

test('names are text, whatever they hold, and states lie in states', () => {
  const svg = svgOf({ ...nested, machine: '</title><script>alert(1)</script>' }, { standalone: true });
  expect(dataOf(svg, 'data-event')).toContain('a "fact" <b>&</b>');
  expect(tagsOf(svg).map(({ name }) => name)).not.toContain('script');
  expect(dataOf(svg, 'data-state').toSorted()).toEqual(['finished', 'idle', 'working', 'working.done', 'working.first', 'working.second']);
  expect(dataOf(svg, 'data-start')).toEqual(['idle', 'working.second']);
});
