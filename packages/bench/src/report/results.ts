/** Keeps results as JSON: one file a run of the bench, named after the bench and the time. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageFolder = fileURLToPath(new URL('../../', import.meta.url))

export const repositoryFolder = fileURLToPath(new URL('../../../../', import.meta.url))

/** Inputs and databases of the import bench. */
export const dataFolder = join(packageFolder, 'data')

const resultsFolder = join(packageFolder, 'results')

/** Writes `<bench>-<time>.json`; returns its path. */
export function saveResults(bench: string, results: object): string {
  mkdirSync(resultsFolder, { recursive: true })
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '')
  const path = join(resultsFolder, `${bench}-${stamp}.json`)
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`)
  return path
}

/** All kept results of a bench, oldest first. */
export function readResults(bench: string): unknown[] {
  if (!existsSync(resultsFolder)) return []
  const stamped = new RegExp(`^${bench}-\\d{4}-\\d\\d-\\d\\dT\\d{6}\\.json$`)
  const names = readdirSync(resultsFolder).filter((name) => stamped.test(name))
  return names.sort().map((name) => JSON.parse(readFileSync(join(resultsFolder, name), 'utf8')))
}
