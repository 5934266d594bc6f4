import { defineConfig } from 'vitest/config';

// Deadlines, not measures: a busy machine must not fail what is right.
const expecting = { poll: { timeout: 10_000 } };
const timeouts = { testTimeout: 30_000, hookTimeout: 30_000, expect: expecting };

export default defineConfig({
  test: {
    // Many tests wait for processes and deadlines, so a core left free is a core not used.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'all', include: ['test/**/*.test.ts'], exclude: ['test/{browser,package,postgres,power,soak}/**'], ...timeouts } },
      // Node loads XState's production build, which checks less: the machine is walked with the other one too.
      {
        test: {
          name: 'xstate development build',
          include: ['test/model/machine-paths.test.ts', 'test/unit/machine*.test.ts'],
          execArgv: ['--conditions=development'],
          ...timeouts,
        },
      },
      // The page in a real browser, built anew; skipped where there is no Chromium.
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: 'test/browser/build.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: expecting,
          fileParallelism: false,
        },
      },
      // On a real server: that of DATABASE_URL, or one that is started here; skipped where there is none.
      // One file after the other: a transaction that one holds open on purpose holds back the events of all.
      {
        test: {
          name: 'postgres',
          include: ['test/postgres/**/*.test.ts'],
          globalSetup: 'test/postgres/server.ts',
          fileParallelism: false,
          ...timeouts,
        },
      },
      // Packed and installed: asks the registry for the dependencies, if npm doesn't have them.
      { test: { name: 'package', include: ['test/package/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000 } },
      // Not in `npm test`: one needs root and loop devices, the other a quarter of an hour.
      { test: { name: 'power', include: ['test/power/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 60_000 } },
      { test: { name: 'soak', include: ['test/soak/**/*.test.ts'], testTimeout: 1_800_000, hookTimeout: 60_000, fileParallelism: false } },
    ],
  },
});
