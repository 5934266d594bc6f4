import { statSync, truncateSync } from 'node:fs';
import { createLog } from '../../src/logger.ts';
import { createLayout } from '../../src/persistence/lowdb/layout.ts';
import { createTroupe } from '../../src/server.ts';
import type { TroupeOptions } from '../../src/server.ts';

/** The service as a process of its own, with the options that the command line does not give. Its one argument is `ChildOptions`. */

export type ChildOptions = Pick<TroupeOptions, 'data' | 'port' | 'page' | 'windowEvents' | 'checkpointBytes' | 'limits'> & {
  /** The power goes with this sync of the journal: what it should have made durable is lost. */
  readonly cutAtSync?: number;
};

type FailPoint = NonNullable<TroupeOptions['failPoint']>;

/** Right before the sync returns, everything since the one before it is only in memory. For a new directory without checkpoints. */
function powerCut(data: string, sync: number): FailPoint {
  const journal = createLayout(data).journal(1);
  let passed = 0;
  let durable = 0;
  return (step) => {
    if (step !== 'synced') return;
    passed += 1;
    if (passed === sync) {
      truncateSync(journal, durable);
      process.kill(process.pid, 'SIGKILL');
    }
    durable = statSync(journal).size;
  };
}

const { cutAtSync, ...options } = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const troupe = await createTroupe({
  port: 0,
  ...options,
  logger: createLog('error').logger,
  failPoint: cutAtSync === undefined ? undefined : powerCut(options.data, cutAtSync),
});
process.on('SIGTERM', () => void troupe.close());
process.stdout.write(`${JSON.stringify({ url: troupe.url, tokenFile: troupe.tokenFile })}\n`);
await troupe.closed;
