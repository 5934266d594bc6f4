import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTroupe } from 'troupe';

/**
 * The service of an example: the one that TROUPE_URL and TROUPE_TOKEN name, or one of its own, whose data goes with the process. The
 * project is new, so that nothing else is touched.
 * An example that waits for what never comes ends with an error.
 */
export async function openService() {
  setTimeout(() => assert.fail('what should be shown does not come'), 20_000).unref();
  const project = `example-${randomUUID().slice(0, 8)}`;
  const { TROUPE_URL: url = '', TROUPE_TOKEN: token = '' } = process.env;
  if (url !== '') return { url, token, project, data: null, close: async () => {} };
  const data = await mkdtemp(join(tmpdir(), 'troupe-example-'));
  process.once('exit', () => rmSync(data, { recursive: true, force: true }));
  const troupe = await createTroupe({ data, port: 0 });
  return { url: troupe.http, token: (await readFile(troupe.tokenFile, 'utf8')).trim(), project, data, close: troupe.close };
}
