/** How the tests run: unit tests beside their source, whole-system tests in test/. */
import { defineConfig } from 'vitest/config';
import { bundledThreads } from './scripts/test/threads.ts';

export default defineConfig({
  plugins: [bundledThreads()],
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
