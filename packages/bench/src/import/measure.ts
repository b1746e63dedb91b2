/**
 * Runs an import several times, each in a fresh process and into a fresh database, and reports only what it
 * has checked.
 *
 * - The input is read once before the first run, so every run finds it in the page cache.
 * - Relationships need nodes: they are loaded once, by a process of their own, and the database is copied for
 *   each run.
 * - The clock of a run stops when its import is durable; `processMs` is the whole process, start to exit.
 */
import { fork } from 'node:child_process'
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CaseName, prepareWorkload, shapes, type Workload } from '../workloads/index.js'
import type { CheckAnswer, ChildRequest, EngineOptions, ImportAnswer } from './protocol.js'

export interface MeasureOptions {
  readonly scale: number
  readonly runs: number
  readonly folder: string
  readonly engine: EngineOptions
  /** The module that imports, run by `fork`. */
  readonly childPath?: string
  /** Told what is going on, for the terminal. */
  readonly onStep: (text: string) => void
}

export interface ImportRun extends ImportAnswer {
  readonly processMs: number
  readonly databaseBytes: number
}

export interface CaseResult {
  readonly name: CaseName
  readonly title: string
  readonly rows: number
  readonly inputBytes: number
  readonly runs: readonly ImportRun[]
}

const ownChildPath = fileURLToPath(new URL('./child.js', import.meta.url))

function runChild(childPath: string, request: ChildRequest): Promise<{ answer: unknown; processMs: number }> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now()
    const child = fork(childPath, [JSON.stringify(request)], { execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] })
    let answer: unknown
    child.on('message', (message) => {
      answer = message
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0 && answer !== undefined) resolve({ answer, processMs: performance.now() - startedMs })
      else reject(new Error(`the ${request.action} process ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}

/** Reads a file from end to end, so that it is in the page cache. */
function warm(path: string): void {
  const buffer = Buffer.allocUnsafe(4 * 1024 * 1024)
  const file = openSync(path, 'r')
  while (readSync(file, buffer) > 0);
  closeSync(file)
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '.lock', '.tmp'])
    rmSync(`${path}${suffix}`, { recursive: true, force: true })
}

/** Copies a closed database and waits for the disk, so that the run does not pay for the copy. */
function copyDatabase(from: string, to: string): void {
  copyFileSync(from, to)
  const file = openSync(to, 'r+')
  fsyncSync(file)
  closeSync(file)
}

async function importOnce(
  workload: Workload,
  databasePath: string,
  options: MeasureOptions,
): Promise<ImportRun> {
  const { table, createStatement } = shapes[workload.name]
  const childPath = options.childPath ?? ownChildPath
  const { answer, processMs } = await runChild(childPath, {
    action: 'import',
    databasePath,
    csvPath: workload.path,
    table,
    createStatement,
    engine: options.engine,
  })
  const run = answer as ImportAnswer
  const checked = await runChild(childPath, { action: 'check', databasePath, checks: workload.checks })
  const { mistakes } = checked.answer as CheckAnswer
  if (run.rows !== workload.rows || mistakes.length > 0) {
    throw new Error(`${workload.name}: ${run.rows} rows of ${workload.rows}; ${mistakes.join('\n')}`)
  }
  return { ...run, processMs, databaseBytes: statSync(databasePath).size }
}

/** Loads the nodes that a relationship workload joins, once; undefined for node workloads. */
async function prepareNodes(name: CaseName, options: MeasureOptions): Promise<string | undefined> {
  const nodes = shapes[name].nodes
  if (nodes === undefined) return undefined
  const path = join(options.folder, `nodes-of-${name}.mill`)
  removeDatabase(path)
  options.onStep(`${name}: loading the nodes of ${nodes}`)
  await importOnce(prepareWorkload(nodes, options.scale, options.folder), path, options)
  return path
}

/** Measures one case. Throws when a run's result is wrong. */
export async function measureCase(name: CaseName, options: MeasureOptions): Promise<CaseResult> {
  options.onStep(`${name}: making the input`)
  const workload = prepareWorkload(name, options.scale, options.folder)
  const nodesPath = await prepareNodes(name, options)
  warm(workload.path)
  const databasePath = join(options.folder, 'run.mill')
  const runs: ImportRun[] = []
  for (let run = 1; run <= options.runs; run++) {
    options.onStep(`${name}: run ${run} of ${options.runs}`)
    removeDatabase(databasePath)
    if (nodesPath !== undefined) copyDatabase(nodesPath, databasePath)
    const nodesBytes = existsSync(databasePath) ? statSync(databasePath).size : 0
    const measured = await importOnce(workload, databasePath, options)
    runs.push({ ...measured, databaseBytes: measured.databaseBytes - nodesBytes })
  }
  removeDatabase(databasePath)
  if (nodesPath !== undefined) removeDatabase(nodesPath)
  return { name, title: shapes[name].title, rows: workload.rows, inputBytes: workload.bytes, runs }
}
