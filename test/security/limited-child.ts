import { createTroupe } from '../../src/server.ts';
import { createLog } from '../../src/logger.ts';
import type { Limits } from '../../src/transport/ws/limits.ts';

/**
 * The service with limits that no option of the command sets. Arguments: the data directory, the limits as JSON.
 * With `--expose-gc`, SIGUSR2 prints what the heap holds after a collection.
 */
const [data = '', limits = '{}'] = process.argv.slice(2);

const { logger } = createLog(process.env['TROUPE_LOG'] ?? 'error');
const troupe = await createTroupe({ data, port: 0, logger, limits: JSON.parse(limits) as Partial<Limits> });
process.on('SIGTERM', () => void troupe.close());
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  process.stdout.write(`heap ${process.memoryUsage().heapUsed}\n`);
});
const { url, http, tokenFile } = troupe;
process.stdout.write(`${JSON.stringify({ url, http, tokenFile })}\n`);
