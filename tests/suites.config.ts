import { defineConfig } from 'vitest/config';

/** Suites that need more than Node: a browser, several processes, faults of the machine. One file at a time. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    passWithNoTests: true,
  },
});
