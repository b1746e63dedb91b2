/** No engine: `cp` and `sync` of the same file, which is what the disk itself takes. */
import { execFileSync } from 'node:child_process'
import { serve } from './serve.mjs'

await serve({
  async load({ databasePath, csvPath }) {
    // A clone that shares its blocks with the original writes nothing: it would say nothing of the disk.
    execFileSync('cp', ['--reflink=never', csvPath, databasePath])
    execFileSync('sync', [databasePath])
    return () => {}
  },

  async check({ databasePath, csvPath, rows, sums }) {
    execFileSync('cmp', [csvPath, databasePath])
    return { rows, sums }
  },
})
