import { availableParallelism, cpus, loadavg } from 'node:os';
import { growth } from './growth.ts';
import { lives32 } from './lives.ts';
import { store } from './store.ts';

/** `npm run bench -- [NAME…]`: all benchmarks, or those named. */

const benchmarks: Readonly<Record<string, () => Promise<void>>> = { lives: lives32, store, growth: () => growth() };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}`);
  process.exitCode = 2;
} else {
  const load = loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
  console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, load ${load}`);
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n## ${name}\n`);
    await benchmark();
  }
}
