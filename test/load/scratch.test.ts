import { test } from 'vitest';
import { compile } from '../support/compile.ts';
import { makeTasks } from './make.ts';
import { readdirSync, statSync } from 'node:fs';
import { openInside } from './inside.ts';
test('x', { timeout: 300_000 }, async () => {
  const n = Number(process.env['N'] ?? 5000);
  const make = await compile('test/load/make-child.ts');
  const t = performance.now();
  const dir = await makeTasks(make, n, 1);
  console.log('made', performance.now() - t, readdirSync(dir), statSync(dir + '/db.json').size / n);
  const inside = openInside(await compile('test/load/inside-child.ts'), dir);
  const { openMs, before } = await inside.ask('opened');
  const mem = await inside.ask('memory');
  console.log({ openMs, before, mem, perTask: (mem.heap - before.heap) / n });
  console.log(await inside.ask('stalls'));
});
