/** The check of a node table: columns, sorted groups, index runs, and that every key leads to its node. */
import type { NodeTable } from '../catalog/index.js'
import type { ColumnBuffer } from '../column/index.js'
import { bucketOf, KeyRunReader } from '../index/index.js'
import { checkSegment, problemOf, type TableCheck, type TableProblem } from './check-report.js'
import { KeyResolver } from './key-resolver.js'
import type { StoredNodeReader } from './node-reader.js'
import { isDeletedNode } from './overlay/node-overlay.js'

export function* checkNodes(check: TableCheck, table: NodeTable): Generator<TableProblem> {
  for (const [index, group] of table.groups.entries()) {
    if (group.segments.length !== table.columns.length) {
      const what = `row group ${index} has ${group.segments.length} segments for ${table.columns.length} columns`
      yield { table: table.name, what }
      return
    }
    for (const [column, { name }] of table.columns.entries()) {
      yield* checkSegment(check, table.name, name, group.segments.at(column)!)
    }
  }
  const reader = check.snapshot.storedNodes(table)
  if (reader.rowCount !== table.rowCount) {
    const what = `the row groups have ${reader.rowCount} rows, the table says ${table.rowCount}`
    yield { table: table.name, what }
    return
  }
  yield* checkDeleted(check, table)
  yield* checkIndexRuns(check, table, reader)
  yield* checkKeys(check, table, reader)
}

function* checkIndexRuns(
  check: TableCheck,
  table: NodeTable,
  reader: StoredNodeReader,
): Generator<TableProblem> {
  const sorted = new Set(table.keys.sortedGroups)
  const { keyColumn } = table
  let hashedKeys = 0
  for (const [index, { rows, segments }] of table.groups.entries()) {
    if (!sorted.has(index)) hashedKeys += rows - segments.at(keyColumn)!.nullCount
  }
  // Which nodes are deleted is read from their keys; damage to those is named already.
  if (table.groups.some((group) => check.damaged.has(group.segments.at(table.keyColumn)!.firstPage))) return
  let found = 0
  for (const [index, run] of table.keys.runs.entries()) {
    if (check.damaged.has(run.pages.firstPage)) return
    let result: RunEntries | string = ''
    const problem = problemOf(table.name, undefined, () => {
      const runReader = new KeyRunReader(check.snapshot.source.reader, run, table.name)
      result = entriesOfRun(runReader, reader)
    })
    const what = problem?.what ?? (typeof result === 'string' ? result : null)
    if (what !== null) yield { table: table.name, what: `key index run ${index}: ${what}` }
    if (typeof result !== 'string') found += (result as RunEntries).live
  }
  // There may be more: of nodes that got another key, the former ones stay.
  if (found >= hashedKeys) return
  yield { table: table.name, what: `the key index has ${found} entries for ${hashedKeys} hashed keys` }
}

/** Entries of a run whose nodes are there. Those of deleted nodes and of former keys stay in their runs. */
interface RunEntries {
  readonly live: number
}

/** Counts the entries of a run, or says what is wrong with them. */
function entriesOfRun(run: KeyRunReader, nodes: StoredNodeReader): RunEntries | string {
  const { bucketPages, entries } = run.run
  const { rowCount } = nodes
  let found = 0
  let live = 0
  for (let bucket = 0; bucket < bucketPages; bucket++) {
    const page = run.page(bucket)
    let before = -1
    for (let index = 0; index < page.entries; index++) {
      const hash = page.hashAt(index)
      const offset = page.offsetAt(index)
      if (hash < before) return `bucket ${bucket}: entry ${index} is out of order`
      if (bucketOf(Math.floor(hash / 256), bucketPages) !== bucket) {
        return `bucket ${bucket}: entry ${index} belongs elsewhere`
      }
      if (offset >= rowCount) {
        return `bucket ${bucket}: entry ${index} points to node ${offset} of ${rowCount}`
      }
      if (!isDeletedNode(nodes, offset)) live++
      before = hash
    }
    found += page.entries
  }
  return found === entries ? { live } : `it holds ${found} entries, its descriptor says ${entries}`
}

/** Sorted groups hold no deleted nodes: what they answer was not looked at. */
function* checkDeleted(check: TableCheck, table: NodeTable): Generator<TableProblem> {
  for (const group of table.keys.sortedGroups) {
    const segment = table.groups[group]!.segments.at(table.keyColumn)!
    if (check.damaged.has(segment.firstPage) || segment.nullCount === 0) continue
    yield { table: table.name, what: `the sorted row group ${group} has deleted nodes` }
  }
}

/** Deleted nodes have no key and are not found. */
function expectNoneForNulls(memory: ArrayBufferLike, keys: ColumnBuffer, expected: number): void {
  if (keys.nullCount === 0) return
  const nulls = new Uint8Array(memory, keys.nulls, keys.rows)
  const offsets = new BigInt64Array(memory, expected, keys.rows)
  for (let row = 0; row < keys.rows; row++) if (nulls[row] === 1) offsets[row] = -1n
}

/** Looks up every key the way relationships do; each must lead to its own row. */
function* checkKeys(check: TableCheck, table: NodeTable, reader: StoredNodeReader): Generator<TableProblem> {
  const { source } = check.snapshot
  const { arena, kernels } = source.memory
  const column = table.columns[table.keyColumn]!.name
  const keySegments = table.groups.map((group) => group.segments.at(table.keyColumn)!)
  const readable = keySegments.every((segment) => !check.damaged.has(segment.firstPage))
  if (!readable || table.keys.runs.some((run) => check.damaged.has(run.pages.firstPage))) return
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
      expectNoneForNulls(arena.memory.buffer, keys, expected)
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
