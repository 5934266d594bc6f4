import { beforeAll, expect, test } from 'vitest';
import { defaultLimits } from '../../src/transport/ws/limits.ts';
import { overload, told } from '../load/overload.ts';
import { serve } from '../load/serve.ts';
import { buildCommand } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const { maxInFlight, maxInFlightOfAll, fairInFlight } = defaultLimits;
const seconds = Number(process.env['OVERLOAD_SECONDS'] ?? 30);

test.each([8, 32, 256, 1_000])(
  'twice what the service can do, over %i connections: answered or refused, bounded, and over when it is over',
  async (connections) => {
    const served = await serve(command, await temporaryDirectory());
    const result = await overload({ served, connections, share: 2, seconds });
    console.log(`${connections} connections: ${told(result)}`);
    const refused = Object.values(result.refused).reduce((sum, count) => sum + count, 0);
    expect(result.answered + refused).toBe(result.sent);
    expect(Object.keys(result.refused).filter((reason) => reason !== 'TOO_MANY_IN_FLIGHT' && reason !== 'RATE_LIMITED')).toEqual([]);
    expect(result.closes).toEqual([]);
    expect(result.maxInFlight).toBeLessThanOrEqual(Math.min(connections * maxInFlight, maxInFlightOfAll + connections * fairInFlight) + 2);
    expect(result.rss.most).toBeLessThan(result.rss.before + 512 * 1_024 ** 2);
    // A hundred commands one after the other: none is refused any more.
    expect(result.times.after.count).toBe(100);
  },
);
