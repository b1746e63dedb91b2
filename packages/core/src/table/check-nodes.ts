/** The check of a node table: columns, sorted groups, index runs, and that every key leads to its node. */
import type { NodeTable } from '../catalog/index.js'
import { bucketOf, KeyRunReader } from '../index/index.js'
import { checkSegment, problemOf, type TableCheck, type TableProblem } from './check-report.js'
import { KeyResolver } from './key-resolver.js'
import type { StoredNodeReader } from './node-reader.js'

export function* checkNodes(check: TableCheck, table: NodeTable): Generator<TableProblem> {
  for (const [index, group] of table.groups.entries()) {
    if (group.segments.length !== table.columns.length) {
      const what = `row group ${index} has ${group.segments.length} segments for ${table.columns.length} columns`
      yield { table: table.name, what }
      return
    }
    for (const [column, segment] of group.segments.entries()) {
      yield* checkSegment(check, table.name, table.columns[column]!.name, segment)
    }
  }
  const reader = check.snapshot.storedNodes(table)
  if (reader.rowCount !== table.rowCount) {
    const what = `the row groups have ${reader.rowCount} rows, the table says ${table.rowCount}`
    yield { table: table.name, what }
    return
  }
  yield* checkIndexRuns(check, table)
  yield* checkKeys(check, table, reader)
}

function* checkIndexRuns(check: TableCheck, table: NodeTable): Generator<TableProblem> {
  const sorted = new Set(table.keys.sortedGroups)
  let hashedRows = 0
  for (const [index, group] of table.groups.entries()) if (!sorted.has(index)) hashedRows += group.rows
  const entries = table.keys.runs.reduce((sum, run) => sum + run.entries, 0)
  if (entries !== hashedRows) {
    yield { table: table.name, what: `the key index has ${entries} entries for ${hashedRows} hashed keys` }
  }
  for (const [index, run] of table.keys.runs.entries()) {
    if (check.damaged.has(run.pages)) continue
    let wrong: string | null = null
    const problem = problemOf(table.name, undefined, () => {
      wrong = problemOfRun(new KeyRunReader(check.snapshot.source.reader, run, table.name), table.rowCount)
    })
    const what = problem?.what ?? wrong
    if (what !== null) yield { table: table.name, what: `key index run ${index}: ${what}` }
  }
}

/** What is wrong with the entries of a run, or null. */
function problemOfRun(reader: KeyRunReader, rowCount: number): string | null {
  const { bucketPages, entries } = reader.run
  let found = 0
  for (let bucket = 0; bucket < bucketPages; bucket++) {
    const page = reader.page(bucket)
    let before = -1
    for (let index = 0; index < page.entries; index++) {
      const hash = page.hashAt(index)
      if (hash < before) return `bucket ${bucket}: entry ${index} is out of order`
      if (bucketOf(Math.floor(hash / 256), bucketPages) !== bucket) {
        return `bucket ${bucket}: entry ${index} belongs elsewhere`
      }
      if (page.offsetAt(index) >= rowCount) {
        return `bucket ${bucket}: entry ${index} points to node ${page.offsetAt(index)} of ${rowCount}`
      }
      before = hash
    }
    found += page.entries
  }
  return found === entries ? null : `it holds ${found} entries, its descriptor says ${entries}`
}

/** Looks up every key the way relationships do; each must lead to its own row. */
function* checkKeys(check: TableCheck, table: NodeTable, reader: StoredNodeReader): Generator<TableProblem> {
  const { source } = check.snapshot
  const { arena, kernels } = source.memory
  const column = table.columns[table.keyColumn]!.name
  const keySegments = table.groups.map((group) => group.segments[table.keyColumn]!)
  const readable = keySegments.every((segment) => !check.damaged.has(segment))
  if (!readable || table.keys.runs.some((run) => check.damaged.has(run.pages))) return
  const mark = arena.mark()
  const problems: TableProblem[] = []
  const problem = problemOf(table.name, column, () => {
    const resolver = new KeyResolver(check.snapshot, table, source.memory, { mapBytesMax: 0 })
    for (const [group, segment] of keySegments.entries()) {
      const groupMark = arena.mark()
      const keys = source.lanes(segment, { table: table.name, column })
      const out = arena.allocate(keys.rows * 8)
      const expected = arena.allocate(keys.rows * 8)
      resolver.resolve(keys, out)
      kernels.fillSequence(expected, keys.rows, reader.groupStart(group))
      const bytes = keys.rows * 8
      const same = Buffer.from(arena.memory.buffer, out, bytes).equals(
        Buffer.from(arena.memory.buffer, expected, bytes),
      )
      arena.release(groupMark)
      if (!same)
        problems.push({ table: table.name, column, what: `keys of row group ${group} are not found` })
    }
  })
  arena.release(mark)
  if (problem !== null) problems.push(problem)
  yield* problems
}
