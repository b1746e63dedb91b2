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
  const nodes = shapes[name].nodes
  const nodeRows = nodes === undefined ? 0 : rowsAt(nodes, scale)
  return prepareRows(name, { rows: rowsAt(name, scale), nodes: nodeRows }, folder)
}

/** A file of a workload's shape with any number of rows, made if it is not there yet. */
export function prepareRows(
  name: CaseName,
  { rows, nodes }: { readonly rows: number; readonly nodes: number },
  folder: string,
): Workload {
  mkdirSync(folder, { recursive: true })
  const shape = shapes[name]
  const stem = join(folder, `${name}-${rows}-g${generation}`)
  const descriptionPath = `${stem}.json`
  if (existsSync(descriptionPath)) return JSON.parse(readFileSync(descriptionPath, 'utf8')) as Workload

  const path = `${stem}.csv`
  const out = new RowWriter(`${path}.part`)
  out.bytesOf(Buffer.from(`${shape.table.columns.map((column) => column.name).join(',')}\n`))
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

/** The sums over columns of the file that its first check states, by the names of the columns. */
export function sumsOf(workload: Workload): Record<string, number> {
  const columns = shapes[workload.name].table.columns.map((column) => column.name)
  const totals = Object.entries(workload.checks[0]?.expected ?? {})
  const named = totals.map(([name, total]) => [name.replace(/Ids$/, ''), Number(total)] as const)
  return Object.fromEntries(named.filter(([name]) => columns.includes(name)))
}
