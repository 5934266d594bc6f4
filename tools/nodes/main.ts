import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * `npm run test:nodes [-- VERSION…]`: the tests on each version of Node that is promised, 20, 22 and 24 unless told otherwise.
 * The versions come from the registry, as the package `node`. Ends with 1 when one of them failed.
 */

const testArgs = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--project',
  'all',
  '--project',
  'xstate development build',
  '--project',
  'postgres',
  '--reporter',
  'dot',
];

const carryOut = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env });
    child.on('error', reject).on('exit', (code) => resolve(code ?? 1));
  });

const asked = process.argv.slice(2);
const failed: string[] = [];
for (const version of asked.length > 0 ? asked : ['20', '22', '24']) {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-node-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    const installed = await carryOut('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--silent', `node@${version}`]);
    if (installed !== 0) throw new Error(`node@${version} can't be installed`);
    const bin = join(folder, 'node_modules/node/bin');
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
    console.log(`\nNode ${version}`);
    await carryOut(join(bin, 'node'), ['--version'], env);
    if ((await carryOut(join(bin, 'node'), testArgs, env)) !== 0) failed.push(version);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(failed.length === 0 ? '\nall passed' : `\nfailed: Node ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
