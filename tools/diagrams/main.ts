import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { filesOfMachines } from './files.ts';

/** Writes the layouts that the service draws with, and the pictures of the documents. Run in the root of the project. */

for (const [path, text] of await filesOfMachines()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
