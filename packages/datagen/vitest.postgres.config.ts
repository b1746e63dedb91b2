/** Restores dumps into a PostgreSQL server: `pnpm test:postgres`, not a part of the quick suite. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/postgres/*.postgres.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
})
