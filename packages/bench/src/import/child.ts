/**
 * One import, or the check of one, in a process of its own: nothing of an earlier run is warm, and the peak
 * of memory is this run's alone. Uses nothing but Millrace's public interface.
 */
import { Database } from 'millrace'
import { numbersOf, processUsage } from '../usage/index.js'
import type { Check } from '../workloads/index.js'
import type { ChildAnswer, ChildRequest, EngineOptions, ImportRequest } from './protocol.js'

/** Sums of decimals depend on the order of addition; they agree to this part of their value. */
const relativeTolerance = 1e-9

function openOptions(engine: EngineOptions) {
  return {
    ...(engine.threads === undefined ? {} : { threads: engine.threads }),
    ...(engine.memoryBudget === undefined ? {} : { memoryBudget: engine.memoryBudget }),
  }
}

async function runImport(request: ImportRequest): Promise<ChildAnswer> {
  const startedMs = performance.now()
  const db = await Database.open(request.databasePath, openOptions(request.engine))
  await db.run(request.table.createStatement)
  const result = await db.copyFrom(request.table.name, request.csvPath)
  const committedMs = performance.now()
  await db.close()
  const closedMs = performance.now()
  return {
    importMs: committedMs - startedMs,
    closeMs: closedMs - committedMs,
    ...processUsage(),
    timings: numbersOf(result.timings),
  }
}

function isSame(found: unknown, expected: string | number): boolean {
  // A sum over nothing may be null.
  if (expected === 0) return found === 0 || found === null
  if (typeof expected === 'string' || typeof found !== 'number') return found === expected
  return Math.abs(found - expected) <= Math.abs(expected) * relativeTolerance
}

async function runChecks(databasePath: string, checks: readonly Check[]): Promise<ChildAnswer> {
  const mistakes: string[] = []
  const db = await Database.open(databasePath, { readOnly: true })
  for (const { statement, parameters, expected } of checks) {
    const rows = await db.query(statement, parameters).toArray()
    const [row] = rows
    const isRight =
      rows.length === 1 && Object.entries(expected).every(([name, value]) => isSame(row?.[name], value))
    if (!isRight) {
      mistakes.push(
        `${statement} ${JSON.stringify(parameters)}: ${JSON.stringify({ found: rows, expected })}`,
      )
    }
  }
  await db.close()
  return { mistakes }
}

const request = JSON.parse(process.argv[2] ?? '') as ChildRequest
const answer =
  request.action === 'import'
    ? await runImport(request)
    : await runChecks(request.databasePath, request.checks)
process.send?.(answer, undefined, {}, () => process.disconnect())
