import { beforeAll, expect, test } from 'vitest';
import { buildCommand } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { gather } from './crowd.ts';
import { serve } from './serve.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

test('200 connections at once, each with a subscription and a command: all answered, none cut', async () => {
  const served = await serve(command, await temporaryDirectory());
  const { wires, cut, bytesEach } = await gather(served, 200);
  expect((await served.health()).connections).toBe(200);
  // Everyone sees what happens to the task that all follow.
  console.log(`${Math.round(bytesEach / 1_024)} KiB of resident memory for each connection`);
  expect(cut).toEqual([]);
  expect(bytesEach).toBeLessThan(200 * 1_024);
  await Promise.all(wires.map((wire) => wire.close()));
  served.child.kill('SIGTERM');
  expect(await served.exit).toEqual({ code: 0, signal: null });
});
