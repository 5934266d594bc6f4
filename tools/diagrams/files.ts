import { svgOf } from '../../src/machines/diagram/svg.ts';
import type { Layout } from '../../src/machines/diagram/layout.ts';
import { layoutOf } from './layout-of.ts';
import { drawn } from './machines.ts';

/** The files that are made of the machines, by their path in the project. */

/** A line for each state and arrow, so that a change of a machine shows as a change of lines. */
function moduleOf(layout: Layout): string {
  const members = Object.entries(layout).map(([key, value]) => {
    const text = Array.isArray(value) ? `[\n${value.map((one) => `    ${JSON.stringify(one)},\n`).join('')}  ]` : JSON.stringify(value);
    return `  ${key}: ${text},\n`;
  });
  return [
    "import type { Layout } from '../layout.ts';",
    '',
    '/** Made by `npm run diagrams`. */',
    `export const ${layout.machine}Layout: Layout = {\n${members.join('')}};`,
    '',
  ].join('\n');
}

export async function filesOfMachines(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const { machine, mainWay } of drawn) {
    const layout = await layoutOf(machine, { mainWay });
    files.set(`src/machines/diagram/layouts/${machine.id}.ts`, moduleOf(layout));
    files.set(`docs/machines/${machine.id}.svg`, svgOf(layout, { standalone: true }));
  }
  return files;
}
