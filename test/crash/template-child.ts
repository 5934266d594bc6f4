import { writeSync } from 'node:fs';
import { openTemplates } from '../../src/config/templates.ts';

/** A process that writes one template again and again, each time another text, until it is killed: `ack <n>` when one is durable. */
const [directory = '', size = '0'] = process.argv.slice(2);
const library = openTemplates(directory);
for (let n = 1; ; n += 1) {
  await library.write('user', 'one', `// ${n}\n${String(n % 10).repeat(Number(size))}\n// ${n}\n`, true);
  writeSync(1, `ack ${n}\n`);
}
