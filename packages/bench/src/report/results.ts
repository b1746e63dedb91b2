/** Keeps results as JSON: one file a run of the bench, and the newest under a fixed name. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageFolder = fileURLToPath(new URL('../../', import.meta.url))

/** Inputs and databases of the import bench. */
export const dataFolder = join(packageFolder, 'data')

const resultsFolder = join(packageFolder, 'results')

/** Writes `<name>-<time>.json` and `<name>-latest.json`; returns the path of the first. */
export function saveResults(name: string, results: object): string {
  mkdirSync(resultsFolder, { recursive: true })
  const text = `${JSON.stringify(results, null, 2)}\n`
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '')
  const path = join(resultsFolder, `${name}-${stamp}.json`)
  writeFileSync(path, text)
  writeFileSync(join(resultsFolder, `${name}-latest.json`), text)
  return path
}
