import { defineConfig } from 'vitest/config';

const timeouts = { testTimeout: 30_000, hookTimeout: 30_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'all', include: ['test/**/*.test.ts'], ...timeouts } },
      // Node loads XState's production build, which checks less: the machine is walked with the other one too.
      {
        test: {
          name: 'xstate development build',
          include: ['test/model/machine-paths.test.ts', 'test/unit/machine*.test.ts'],
          execArgv: ['--conditions=development'],
          ...timeouts,
        },
      },
    ],
  },
});
