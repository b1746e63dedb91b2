/**
 * A worker that makes rows: the bytes of some rows of a table, in its slot. Runs in a piscina pool. The plan
 * is made once; the sources of a table are kept while its rows are asked for.
 */
import { workerData } from 'node:worker_threads'
import { ByteWriter, RowWriter } from '../formats/index.js'
import { SchemaPlan } from '../plan/index.js'
import { PoolDrawer } from '../pools/index.js'
import type { RowsOutcome, RowsTask, WorkerPlan } from './protocol.js'

const given = workerData as WorkerPlan
let plan: SchemaPlan | undefined
let current: { readonly key: string; readonly writer: RowWriter } | undefined

/** A projection is asked for with every task; it is the same while its text is. */
function writerOf({ table: name, projection }: RowsTask): RowWriter {
  const key = `${name}\n${JSON.stringify(projection)}`
  if (current?.key === key) return current.writer
  plan ??= new SchemaPlan(given.schema, given, PoolDrawer.ofDrawn(new Map(given.pools)))
  const table = plan.schema.tables.find((candidate) => candidate.name === name)
  if (table === undefined) throw new Error(`there is no table ${name}`)
  const writer = new RowWriter(plan, table, given.format, { insertRows: given.insertRows, projection })
  current = { key, writer }
  return writer
}

/** The pool's task function. */
export default function makeRows(task: RowsTask): RowsOutcome {
  const out = new ByteWriter(new Uint8Array(task.slot))
  writerOf(task).write(task.first, task.end, out)
  return { length: out.at, slot: out.bytes.buffer as SharedArrayBuffer }
}
