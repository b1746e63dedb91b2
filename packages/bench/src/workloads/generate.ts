/** Makes the file of a workload once, beside a description of what a database that loaded it must answer. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultSeed, Random } from './random.js'
import { RowWriter } from './row-writer.js'
import type { CaseName, Check, ShapeName, Totals } from './shape.js'
import { shapes } from './shapes.js'

/** Raised whenever a shape changes, so that old files are not taken for new ones. */
const generation = 1

export interface Workload<Name extends ShapeName = ShapeName> {
  readonly name: Name
  readonly path: string
  readonly rows: number
  /** Rows of the node table that relationships join; 0 for nodes. */
  readonly nodes: number
  readonly bytes: number
  readonly checks: readonly Check[]
  /** Absent: the default. */
  readonly seed?: number
}

/** How large a file is made, and with which numbers. */
export interface FileSize {
  readonly rows: number
  /** Rows of the node table that relationships join; 0 for nodes. */
  readonly nodes: number
  readonly seed?: number | undefined
}

function rowsAt(name: ShapeName, scale: number): number {
  return Math.max(1, Math.round(shapes[name].rows * scale))
}

/** The workload's file in `folder`, made if it is not there yet. */
export function prepareWorkload<Name extends ShapeName = CaseName>(
  name: Name,
  scale: number,
  folder: string,
  seed = defaultSeed,
): Workload<Name> {
  const nodes = shapes[name].nodes
  const nodeRows = nodes === undefined ? 0 : rowsAt(nodes, scale)
  return prepareRows(name, { rows: rowsAt(name, scale), nodes: nodeRows, seed }, folder)
}

/** A file of a workload's shape with any number of rows, made if it is not there yet. */
export function prepareRows<Name extends ShapeName>(
  name: Name,
  { rows, nodes, seed = defaultSeed }: FileSize,
  folder: string,
): Workload<Name> {
  mkdirSync(folder, { recursive: true })
  const shape = shapes[name]
  const other = seed === defaultSeed ? '' : `-s${seed}`
  const stem = join(folder, `${name}-${rows}-g${generation}${other}`)
  const path = `${stem}.csv`
  const descriptionPath = `${stem}.json`
  if (existsSync(descriptionPath) && existsSync(path)) {
    // The folder may have moved since.
    return { ...(JSON.parse(readFileSync(descriptionPath, 'utf8')) as Workload<Name>), path }
  }

  // Another bench may be making the same file.
  const partPath = `${path}.${process.pid}.part`
  const out = new RowWriter(partPath)
  out.bytesOf(Buffer.from(`${shape.table.columns.map((column) => column.name).join(',')}\n`))
  const totals: Totals = { rows }
  const input = { rows, nodes, random: new Random(seed) }
  const writeRow = shape.generator(input)
  for (let index = 0; index < rows; index++) writeRow(index, out, totals)
  out.close()
  renameSync(partPath, path)
  const workload: Workload<Name> = {
    name,
    path,
    rows,
    nodes,
    bytes: out.bytes,
    checks: shape.checks(input, totals),
    ...(seed === defaultSeed ? {} : { seed }),
  }
  writeFileSync(descriptionPath, `${JSON.stringify(workload, null, 2)}\n`)
  return workload
}

/** Removes a workload's file. */
export function removeWorkload({ path }: Workload): void {
  rmSync(path, { force: true })
  rmSync(path.replace(/\.csv$/, '.json'), { force: true })
}

/** The sums over columns of the file that its first check states, by the names of the columns. */
export function sumsOf(workload: Workload): Record<string, number> {
  const columns = shapes[workload.name].table.columns.map((column) => column.name)
  const totals = Object.entries(workload.checks[0]?.expected ?? {})
  const named = totals.map(([name, total]) => [name.replace(/Ids$/, ''), Number(total)] as const)
  return Object.fromEntries(named.filter(([name]) => columns.includes(name)))
}
