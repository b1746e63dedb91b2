/**
 * The check of a relationship table: starts, neighbours and properties of every CSR group, and that both
 * sides of a run hold the same relationships.
 *
 * The two sides come in different orders. They are compared by a sum over all relationships of a hash of
 * (from, to, position), which does not depend on the order and needs no memory.
 */
import type { CsrGroup, RelRun, RelTable } from '../catalog/index.js'
import { checkSegment, problemOf, type TableCheck, type TableProblem } from './check-report.js'
import type { StoredNodeReader } from './node-reader.js'
import { isDeletedNode } from './overlay/node-overlay.js'
import type { CsrGroupReader, Direction } from './rel-reader.js'

/** Nodes there are at each end. */
interface Ends {
  readonly bound: number
  readonly neighbour: number
  /** Readers of the tables at both ends; null when none of their nodes is deleted. */
  readonly boundNodes: StoredNodeReader | null
  readonly neighbourNodes: StoredNodeReader | null
}

export function* checkRels(check: TableCheck, table: RelTable): Generator<TableProblem> {
  const from = nodesAt(check, table.fromTableId)
  const to = nodesAt(check, table.toTableId)
  const outgoing = {
    bound: from.count,
    boundNodes: from.nodes,
    neighbour: to.count,
    neighbourNodes: to.nodes,
  }
  const incoming = {
    bound: to.count,
    boundNodes: to.nodes,
    neighbour: from.count,
    neighbourNodes: from.nodes,
  }
  for (const [index, run] of table.runs.entries()) {
    const forward = yield* checkSide(check, table, index, 'forward', outgoing)
    const backward = yield* checkSide(check, table, index, 'backward', incoming)
    if (forward === null || backward === null) continue
    for (const [direction, side] of [['forward', forward] as const, ['backward', backward] as const]) {
      if (side.rows === run.rows) continue
      const what = `run ${index} has ${side.rows} relationships ${direction}, ${run.rows} in all`
      yield { table: table.name, what }
    }
    if (forward.rows === backward.rows && forward.sum !== backward.sum) {
      yield { table: table.name, what: `run ${index}: forward and backward hold different relationships` }
    }
  }
}

/** Nodes of a table, and their reader where some are deleted. */
function nodesAt(check: TableCheck, id: number): { count: number; nodes: StoredNodeReader | null } {
  const table = check.snapshot.catalog.tables.find((candidate) => candidate.id === id)
  if (table?.kind !== 'node') return { count: 0, nodes: null }
  const hasDamage = table.groups.some((group) =>
    check.damaged.has(group.segments.at(table.keyColumn)!.firstPage),
  )
  const reader = check.snapshot.storedNodes(table)
  // Damaged keys are reported with their own table.
  const hasDeleted = !hasDamage && reader.liveRowCount < reader.rowCount
  return { count: table.rowCount, nodes: hasDeleted ? reader : null }
}

interface Side {
  rows: number
  /** Sum of the relationships' hashes, modulo 2^32. */
  sum: number
}

/** Checks one side; null when a part of it cannot be read. */
function* checkSide(
  check: TableCheck,
  table: RelTable,
  runIndex: number,
  direction: Direction,
  ends: Ends,
): Generator<TableProblem, Side | null> {
  const reader = check.snapshot.storedRels(table)
  const run: RelRun = table.runs[runIndex]!
  const side: Side = { rows: 0, sum: 0 }
  let whole = true
  for (const group of run[direction]) {
    side.rows += group.rows
    if (!(yield* checkGroupSegments(check, table, direction, group))) {
      whole = false
      continue
    }
    const csr = reader.group(runIndex, direction, group.groupIndex)!
    let wrong: string | null = null
    const unreadable = problemOf(table.name, undefined, () => {
      wrong = problemOfStarts(csr, ends.bound) ?? addRelationships(csr, direction, ends, run.rows, side)
    })
    const what = unreadable?.what ?? wrong
    if (what === null) continue
    whole = false
    yield { table: table.name, what: `run ${runIndex}, ${direction} CSR group ${group.groupIndex}: ${what}` }
  }
  return whole ? side : null
}

/** Decodes all segments of a group; false when one cannot be used. */
function* checkGroupSegments(
  check: TableCheck,
  table: RelTable,
  direction: Direction,
  group: CsrGroup,
): Generator<TableProblem, boolean> {
  const names =
    direction === 'forward'
      ? ['(neighbour)', ...table.columns.map((column) => column.name)]
      : ['(neighbour)', '(position)']
  let usable = (yield* checkSegment(check, table.name, '(starts)', group.starts)) !== null
  for (const chunk of group.chunks) {
    if (chunk.segments.length !== names.length) {
      yield {
        table: table.name,
        what: `a chunk has ${chunk.segments.length} segments for ${names.length} columns`,
      }
      return false
    }
    for (const [index, name] of names.entries()) {
      const vector = yield* checkSegment(check, table.name, name, chunk.segments.at(index)!)
      if (vector === null) usable = false
    }
  }
  return usable
}

/** What is wrong with the starts of a group, or null. */
function problemOfStarts(csr: CsrGroupReader, nodes: number): string | null {
  const starts = csr.starts()
  if (csr.firstNode + starts.length - 1 > nodes) {
    return `its starts reach node ${csr.firstNode + starts.length - 1} of ${nodes}`
  }
  if (starts[0] !== 0) return `its starts begin with ${starts[0]}`
  for (let node = 1; node < starts.length; node++) {
    if (!(starts[node]! >= starts[node - 1]!)) return `its starts descend at node ${csr.firstNode + node}`
  }
  const last = starts[starts.length - 1]
  return last === csr.rows ? null : `its starts end with ${last}, it has ${csr.rows} relationships`
}

/** Adds the group's relationships to the sum; returns what is wrong with them, or null. */
function addRelationships(
  csr: CsrGroupReader,
  direction: Direction,
  ends: Ends,
  runRows: number,
  side: Side,
): string | null {
  const starts = csr.starts()
  let node = 0
  for (let chunk = 0; chunk < csr.chunkCount; chunk++) {
    const neighbours = csr.neighbours(chunk)
    const positions = csr.positions(chunk)
    const first = csr.chunkStart(chunk)
    for (let row = 0; row < neighbours.length; row++) {
      while (starts[node + 1]! <= first + row) node++
      const bound = csr.firstNode + node
      const neighbour = neighbours[row]!
      const position = positions[row]!
      // Deleted: its other end is not known any more. Both sides must have as many, at the same positions.
      if (neighbour === -1) {
        if (!(position >= 0 && position < runRows)) return `a position is ${position} of ${runRows}`
        side.sum = (side.sum + mixRel(-1, -1, position)) >>> 0
        continue
      }
      if (!(neighbour >= 0 && neighbour < ends.neighbour)) {
        return `a neighbour is node ${neighbour} of ${ends.neighbour}`
      }
      if (!(position >= 0 && position < runRows)) return `a position is ${position} of ${runRows}`
      if (ends.boundNodes !== null && isDeletedNode(ends.boundNodes, bound)) {
        return `a relationship is bound by node ${bound}, which is deleted`
      }
      if (ends.neighbourNodes !== null && isDeletedNode(ends.neighbourNodes, neighbour)) {
        return `a neighbour is node ${neighbour}, which is deleted`
      }
      const hash =
        direction === 'forward' ? mixRel(bound, neighbour, position) : mixRel(neighbour, bound, position)
      side.sum = (side.sum + hash) >>> 0
    }
  }
  return null
}

/** A hash of a relationship: rounds of multiply and shift as in MurmurHash3's finalizer. */
function mixRel(from: number, to: number, position: number): number {
  let hash = Math.imul(from ^ 0x9e3779b9, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13) ^ to, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16) ^ position, 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
