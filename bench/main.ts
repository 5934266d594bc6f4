import { availableParallelism, cpus, loadavg } from 'node:os';
import { boardOfBrowser } from './board.ts';
import { cli } from './cli.ts';
import { fanOut } from './fan-out.ts';
import { growth } from './growth.ts';
import { idle } from './idle.ts';
import { stalls, start } from './large.ts';
import { livesAgainstBare, livesAgainstMemory, livesUnderOneParent } from './lives.ts';
import { mcpFirst } from './mcp-first.ts';
import { mcp, mcpLarge } from './mcp.ts';
import { postgresGrowth } from './postgres-growth.ts';
import { postgres } from './postgres.ts';
import { sqlite } from './sqlite.ts';
import { store } from './store.ts';

/** `npm run bench -- [NAME…]`: all benchmarks, or those named. */

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  lives: livesAgainstBare,
  memory: livesAgainstMemory,
  parent: livesUnderOneParent,
  'fan-out': fanOut,
  store,
  sqlite,
  growth: () => growth(20_000, '≤ 1.2'),
  'growth-100k': () => growth(100_000, '≤ 1.1'),
  start,
  stalls,
  idle,
  mcp,
  'mcp-30k': mcpLarge,
  'mcp-first': mcpFirst,
  cli,
  postgres,
  'postgres-growth': postgresGrowth,
  board: boardOfBrowser,
};

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
