/** Makes the file of a workload once, beside a description of what a database that loaded it must answer. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { generate } from '@millrace/datagen'
import { checksOf, sampledKeys } from './checks.js'
import { FileTotals } from './file-totals.js'
import type { CaseName, Check, ShapeName } from './shape.js'
import { shapes } from './shapes.js'

/**
 * Raised whenever a schema, or what the generator makes of it, changes: old files are not taken for new ones.
 */
const generation = 2

/** The seed of the files that figures are made with. */
export const defaultSeed = 1

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
export async function prepareWorkload<Name extends ShapeName = CaseName>(
  name: Name,
  scale: number,
  folder: string,
  seed = defaultSeed,
): Promise<Workload<Name>> {
  const joined = shapes[name].joined?.name
  const nodes = joined === undefined ? 0 : rowsAt(joined, scale)
  return await prepareRows(name, { rows: rowsAt(name, scale), nodes, seed }, folder)
}

/** A file of a workload's shape with any number of rows, made if it is not there yet. */
export async function prepareRows<Name extends ShapeName>(
  name: Name,
  size: FileSize,
  folder: string,
): Promise<Workload<Name>> {
  mkdirSync(folder, { recursive: true })
  const { rows, seed = defaultSeed } = size
  const other = seed === defaultSeed ? '' : `-s${seed}`
  const stem = join(folder, `${name}-${rows}-g${generation}${other}`)
  const path = `${stem}.csv`
  const descriptionPath = `${stem}.json`
  if (existsSync(descriptionPath) && existsSync(path)) {
    // The folder may have moved since.
    return { ...(JSON.parse(readFileSync(descriptionPath, 'utf8')) as Workload<Name>), path }
  }
  const workload = await makeFile(name, { ...size, seed }, path)
  writeFileSync(descriptionPath, `${JSON.stringify(workload, null, 2)}\n`)
  return workload
}

async function makeFile<Name extends ShapeName>(
  name: Name,
  { rows, nodes, seed }: FileSize & { readonly seed: number },
  path: string,
): Promise<Workload<Name>> {
  const shape = shapes[name]
  const { table, joined } = shape
  const data = await generate(shape.schemaPath, {
    seed,
    rows: { [table.name]: rows, ...(joined !== undefined && { [joined.table]: nodes }) },
  })
  const totals = new FileTotals(table.columns, await sampledKeys(shape, data))
  const header = Buffer.from(`${table.columns.map((column) => column.name).join(',')}\n`)
  let bytes = header.length
  // Another bench may be making the same file.
  const partPath = `${path}.${process.pid}.part`
  const file = openSync(partPath, 'w')
  try {
    writeFileSync(file, header)
    for await (const chunk of data.stream({ format: 'csv', tables: [table.name], header: false })) {
      totals.add(chunk)
      writeFileSync(file, chunk)
      bytes += chunk.length
    }
  } finally {
    closeSync(file)
  }
  if (totals.rows !== rows) throw new Error(`${path}: ${totals.rows} rows were made, not ${rows}`)
  const checks = await checksOf(shape, data, totals)
  renameSync(partPath, path)
  return { name, path, rows, nodes, bytes, checks, ...(seed === defaultSeed ? {} : { seed }) }
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
