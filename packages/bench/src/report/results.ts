/**
 * Keeps results as JSON: one file a run of the bench, named after the bench and the time. Files are never
 * merged: whoever reads them takes, of every case, what is newest, so that a bench may be run in pieces.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageFolder = fileURLToPath(new URL('../../', import.meta.url))

export const repositoryFolder = fileURLToPath(new URL('../../../../', import.meta.url))

/** Inputs and databases of the import bench. */
export const dataFolder = join(packageFolder, 'data')

export const resultsFolder = join(packageFolder, 'results')

/**
 * `<bench>-<time>.json`, to be saved whenever there is more to keep: what was measured stays when the bench
 * is stopped.
 */
export class ResultsFile {
  readonly path: string

  constructor(bench: string, folder = resultsFolder) {
    mkdirSync(folder, { recursive: true })
    const stamp = new Date().toISOString().slice(0, 23).replaceAll(':', '')
    this.path = join(folder, `${bench}-${stamp}.json`)
  }

  save(results: object): void {
    writeFileSync(this.path, `${JSON.stringify(results, null, 2)}\n`)
  }
}

/** All kept results of a bench, oldest first. */
export function readResults(bench: string, folder = resultsFolder): unknown[] {
  if (!existsSync(folder)) return []
  const stamped = new RegExp(`^${bench}-\\d{4}-\\d\\d-\\d\\dT\\d{6}(?:\\.\\d{3})?\\.json$`)
  const names = readdirSync(folder).filter((name) => stamped.test(name))
  return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}
