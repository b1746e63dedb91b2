/** Writes the generated pages of docs/. `pnpm run docs`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorsPage, limitsPage } from './reference-pages.mjs'
import { root } from './run.mjs'

writeFileSync(join(root, 'docs', 'errors.md'), await errorsPage())
writeFileSync(join(root, 'docs', 'limits.md'), await limitsPage())
