import { openFixtureServer } from './fixture-server.ts';
import { inspect, ways } from './inspector.ts';
import { openProxy } from './proxy.ts';
import { isWrong, print } from './row.ts';
import type { Row } from './row.ts';
import { revisions, runScenarios, strayExpectations } from './scenarios.ts';
import type { Target } from './scenarios.ts';
import { startService } from './service.ts';
import { installTools } from './tools.ts';

/**
 * `npm run test:conformance`: the scenarios of `@modelcontextprotocol/conformance`, and `mcp-inspector --cli`, against the built
 * service. Ends with 1 when one fails that should not, or passes that should fail.
 */

/** What needs no fixture. The rest asks for tools, resources and prompts by names of its own. */
const withoutFixtures = [
  'server-initialize',
  'logging-set-level',
  'ping',
  'completion-complete',
  'tools-list',
  'server-sse-polling',
  'server-sse-multiple-streams',
  'resources-list',
  'resources-subscribe',
  'resources-unsubscribe',
  'prompts-list',
  'dns-rebinding-protection',
];

/** What must be ended, whatever happens; the last one first. */
const open: (() => Promise<void> | void)[] = [];

async function test(): Promise<Row[]> {
  await installTools();
  const proxy = await openProxy();
  open.push(() => proxy.close());
  const service = await startService(proxy.host);
  open.push(() => service.close());
  const fixtures = await openFixtureServer([proxy.host]);
  open.push(() => fixtures.close());

  const url = `http://${proxy.host}/mcp`;
  const targets = [
    { server: service, name: 'service', url, scenarios: withoutFixtures, expectedFailures: 'expected-failures-service.yml' },
    { server: fixtures, name: 'fixtures', url, expectedFailures: 'expected-failures-fixtures.yml' },
  ] satisfies (Target & { server: object })[];
  const rows = await strayExpectations(targets);
  for (const { server, ...target } of targets) {
    proxy.aim(server);
    for (const revision of revisions) {
      proxy.revise(revision);
      rows.push(...(await runScenarios(target, revision)));
    }
  }
  rows.push(...(await Promise.all(ways.map((way) => inspect(service, way)))).flat());
  return rows;
}

async function close(): Promise<void> {
  for (let end = open.pop(); end !== undefined; end = open.pop()) await end();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close().finally(() => process.exit(1)));
try {
  const rows = await test();
  print(rows);
  const failed = rows.filter(isWrong).length;
  const asExpected = rows.filter(({ outcome }) => outcome === 'failed as expected').length;
  console.log(`${asExpected} failed as expected`);
  console.log(`${rows.length - failed - asExpected} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await close();
}
