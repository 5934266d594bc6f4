import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** `JSON.parse` of every line of a checkpoint, kept as a store would keep them: what a start must do at least. Prints the milliseconds. */
const [file = ''] = process.argv.slice(2);
const start = performance.now();
const kept: unknown[] = [];
for await (const line of createInterface({ input: createReadStream(file) })) {
  if (line.startsWith('{"record"')) kept.push(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line));
}
console.log(performance.now() - start);
