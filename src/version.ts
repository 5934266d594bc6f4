import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** The package's version; the file stands one folder above, in the sources and when built. */
export const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version;
