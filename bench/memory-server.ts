import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../src/logger.ts';
import { createMemoryStore } from '../src/persistence/memory/store.ts';
import { createTroupe } from '../src/server.ts';

/** The service as it is, over the memory store. */

const data = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
const { logger } = createLog('warn');
const troupe = await createTroupe({ data, port: 0, logger, openStore: (clock) => createMemoryStore({ clock }) });
const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
process.stdout.write(`${JSON.stringify({ url: troupe.url, token })}\n`);
process.once('SIGTERM', () => void troupe.close());
await troupe.closed;
await rm(data, { recursive: true, force: true });
