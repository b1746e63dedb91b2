/** What all test suites of the repository share. Each package's vitest.config.ts re-exports it. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Compiled tests lie in dist, too: only sources are run.
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Millrace starts threads of its own in many tests.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    passWithNoTests: true,
  },
})
