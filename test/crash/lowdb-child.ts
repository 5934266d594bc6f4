import { writeSync } from 'node:fs';
import { createClock } from '../../src/clock.ts';
import { openLowdbStore } from '../../src/persistence/lowdb/store.ts';
import { workOf } from './lowdb-work.ts';

/**
 * A process that commits until it is killed, six trees at once, and prints `ack <tree> <unit>` for each acknowledgement.
 * Arguments: the directory, the step at which it kills itself (or `never`), at which hit of it, and how many trees to make.
 */
const [directory = '', step = 'never', hit = '1', trees = '1000000'] = process.argv.slice(2);
let hits = 0;

const store = await openLowdbStore({
  directory,
  clock: createClock(),
  checkpointBytes: 150_000,
  failPoint(passed) {
    if (passed === step && ++hits === Number(hit)) process.kill(process.pid, 'SIGKILL');
  },
});
writeSync(1, 'open\n');

let next = 0;
async function lane(): Promise<void> {
  while (next < Number(trees)) {
    const n = next++;
    const { units } = workOf(n);
    // Every second tree is archived.
    for (const [index, unit] of units.slice(0, n % 2 === 0 ? 3 : 2).entries()) {
      const [outcome] = await store.commit([unit]);
      if (outcome?.status !== 'ok') throw new Error(`tree ${n}, unit ${index + 1}: ${JSON.stringify(outcome)}`);
      writeSync(1, `ack ${n} ${index + 1}\n`);
    }
  }
}

await Promise.all(Array.from({ length: 6 }, lane));
await store.close();
