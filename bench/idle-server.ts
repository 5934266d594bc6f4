import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createLog } from '../src/logger.ts';
import { createTroupe } from '../src/server.ts';

/** The service, which tells what memory it holds when it is asked: after a collection, or the garbage of the handshakes is what one sees. */

const data = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
const troupe = await createTroupe({ data, port: 0, logger: createLog('warn').logger });
process.on('message', (asked) => {
  if (asked === 'stop') return void troupe.close();
  return void (async () => {
    for (let times = 0; times < 4; times++) {
      globalThis.gc?.();
      await setTimeout(50);
    }
    process.send?.(process.memoryUsage());
  })();
});
process.send?.({ url: troupe.url, token: (await readFile(troupe.tokenFile, 'utf8')).trim() });
await troupe.closed;
await rm(data, { recursive: true, force: true });
process.disconnect();
