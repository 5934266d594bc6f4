import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { createTroupe } from '../../src/server.ts';
import type { Troupe } from '../../src/server.ts';

const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A real service in this process, which ends and comes back at another port. It ends with the test. */
export async function serviceOn(data: string, heartbeatMs = 15_000) {
  const start = (): Promise<Troupe> => createTroupe({ data, port: 0, logger, limits: { heartbeatMs } });
  let troupe = await start();
  let tokenFile = troupe.tokenFile;
  onTestFinished(() => troupe.close());
  return {
    address: async () => ({ url: troupe.url, token: (await readFile(tokenFile, 'utf8')).trim() }),
    async restart(between: () => Promise<void> = async () => {}) {
      await troupe.close();
      await between();
      troupe = await start();
    },
    useToken: (file: string) => void (tokenFile = file),
  };
}
