import { beforeAll, expect, test } from 'vitest';
import { defaultLimits } from '../../src/transport/ws/limits.ts';
import { buildCommand } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { overload, told } from './overload.ts';
import { serve } from './serve.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

test('four times what the service can do: all is answered or refused, what waits is bounded, nobody is cut', async () => {
  const connections = 8;
  const served = await serve(command, await temporaryDirectory());
  const result = await overload({ served, connections, share: 4, seconds: 2 });
  console.log(told(result));
  const refused = Object.values(result.refused).reduce((sum, count) => sum + count, 0);
  expect(result.answered + refused).toBe(result.sent);
  expect(Object.keys(result.refused).filter((reason) => reason !== 'TOO_MANY_IN_FLIGHT' && reason !== 'RATE_LIMITED')).toEqual([]);
  expect(refused).toBeGreaterThan(0);
  expect(result.closes).toEqual([]);
  // Those that watch have commands in flight too.
  expect(result.maxInFlight).toBeLessThanOrEqual(connections * defaultLimits.maxInFlight + 2);
});
