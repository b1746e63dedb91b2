/** Makes the file of a workload once, beside a description of what a database that loaded it must answer. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RowWriter } from './row-writer.js'
import type { CaseName, Check, Totals } from './shape.js'
import { shapes } from './shapes.js'

/** Raised whenever a shape changes, so that old files are not taken for new ones. */
const generation = 1

export interface Workload {
  readonly name: CaseName
  readonly path: string
  readonly rows: number
  /** Rows of the node table that relationships join; 0 for nodes. */
  readonly nodes: number
  readonly bytes: number
  readonly checks: readonly Check[]
}

function rowsAt(name: CaseName, scale: number): number {
  return Math.max(1, Math.round(shapes[name].rows * scale))
}

/** The workload's file in `folder`, made if it is not there yet. */
export function prepareWorkload(name: CaseName, scale: number, folder: string): Workload {
  mkdirSync(folder, { recursive: true })
  const shape = shapes[name]
  const rows = rowsAt(name, scale)
  const nodes = shape.nodes === undefined ? 0 : rowsAt(shape.nodes, scale)
  const stem = join(folder, `${name}-${rows}-g${generation}`)
  const descriptionPath = `${stem}.json`
  if (existsSync(descriptionPath)) return JSON.parse(readFileSync(descriptionPath, 'utf8')) as Workload

  const path = `${stem}.csv`
  const out = new RowWriter(`${path}.part`)
  out.bytesOf(Buffer.from(`${shape.header}\n`))
  const totals: Totals = { rows }
  const writeRow = shape.generator(rows, nodes)
  for (let index = 0; index < rows; index++) writeRow(index, out, totals)
  out.close()
  renameSync(`${path}.part`, path)
  const workload: Workload = {
    name,
    path,
    rows,
    nodes,
    bytes: out.bytes,
    checks: shape.checks(rows, nodes, totals),
  }
  writeFileSync(descriptionPath, `${JSON.stringify(workload, null, 2)}\n`)
  return workload
}
