/**
 * Writes the pages that are generated from the sources. `pnpm docs`, after a change of an error or a limit.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorsPage, generatorSchema, limitsPage } from './reference-pages.mjs'
import { root } from './run.mjs'
import { samplePages } from './sample-pages.mjs'

writeFileSync(join(root, 'docs', 'errors.md'), await errorsPage())
writeFileSync(join(root, 'docs', 'limits.md'), await limitsPage())
writeFileSync(join(root, 'packages', 'datagen', 'schema.json'), await generatorSchema())
for (const [path, text] of await samplePages()) writeFileSync(join(root, path), text)
