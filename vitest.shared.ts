/** What all test suites of the repository share. Each package's vitest.config.ts re-exports it. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Compiled tests lie in dist, too: only sources are run.
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Millrace starts threads of its own in many tests.
    maxWorkers: 2,
    // For what hangs. The slowest test takes seconds; a machine with much else to do, many times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: true,
  },
})
