/** Several imports at once, each into a database of its own, in one process. */
import { Database } from 'millrace'
import type { EngineOptions } from '../import/index.js'
import { processUsage } from '../usage/index.js'
import type { TogetherAnswer, TogetherRequest } from './protocol.js'

async function importOne(
  request: TogetherRequest['imports'][number],
  engine: EngineOptions,
): Promise<number> {
  const startedMs = performance.now()
  const db = await Database.open(request.databasePath, engine)
  await db.run(request.table.createStatement)
  await db.copyFrom(request.table.name, request.csvPath)
  const elapsedMs = performance.now() - startedMs
  await db.close()
  return elapsedMs
}

const request = JSON.parse(process.argv[2] ?? '') as TogetherRequest
const importMs = await Promise.all(request.imports.map((one) => importOne(one, request.engine)))
const answer: TogetherAnswer = { importMs, ...processUsage() }
process.send?.(answer, undefined, {}, () => process.disconnect())
