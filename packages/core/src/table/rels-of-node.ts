/** The relationships of one node, without a plan: for writes, which look at a few nodes. */
import { csrGroupNodes } from '../limits.js'
import { type CsrGroupReader, chunkOf, type Direction, type PlacedRelReader } from './rel-reader.js'

/** The relationships of `node` in a group: index within the group of the first one, and behind the last. */
export function rangeOf(group: CsrGroupReader, node: number): { first: number; end: number } {
  const starts = group.sparse?.starts ?? group.starts()
  const lane = group.sparse === undefined ? node - group.firstNode : group.sparse.find(node)
  if (lane < 0 || lane + 1 >= starts.length) return { first: 0, end: 0 }
  return { first: starts[lane]!, end: starts[lane + 1]! }
}

/** Relationships of `node`; some of them may be deleted. */
export function degreeOf(reader: PlacedRelReader, direction: Direction, node: number): number {
  const groupIndex = Math.floor(node / csrGroupNodes)
  let degree = 0
  for (let run = 0; run < reader.runCount; run++) {
    const added = reader.newRels(run, direction, node)
    degree += added?.length ?? 0
    const group = added === undefined ? reader.storedGroup(run, direction, groupIndex) : undefined
    if (group === undefined) continue
    const { first, end } = rangeOf(group, node)
    degree += end - first
  }
  return degree
}

/**
 * Calls `visit` for each relationship of `node` in a group, in their order, with its neighbour and its
 * forward position within the run. Costs what the node has, not what the group has.
 */
export function visitRels(
  group: CsrGroupReader,
  direction: Direction,
  node: number,
  visit: (neighbour: number, forwardPosition: number) => void,
): void {
  const { first, end } = rangeOf(group, node)
  if (first === end) return
  // Where the positions follow each other they need not be listed.
  const forwardStart = direction === 'forward' ? group.forwardStart() : -1
  for (let index = first; index < end; ) {
    const chunk = chunkOf(group, index)
    const start = group.chunkStart(chunk)
    const neighbours = group.neighbours(chunk)
    const positions = forwardStart < 0 ? group.positions(chunk) : null
    for (; index < end && index - start < neighbours.length; index++) {
      visit(neighbours[index - start]!, positions?.[index - start] ?? forwardStart + index)
    }
  }
}

/**
 * Positions in the table of the relationships of `node` that are there; to or from `neighbour` only, if
 * given.
 */
export function relsOfNode(
  reader: PlacedRelReader,
  direction: Direction,
  node: number,
  neighbour?: number,
): number[] {
  const groupIndex = Math.floor(node / csrGroupNodes)
  const found: number[] = []
  const otherEnd = direction === 'forward' ? 'to' : 'from'
  for (let run = 0; run < reader.runCount; run++) {
    const added = reader.newRels(run, direction, node)
    for (const position of added ?? []) {
      if (neighbour === undefined || reader.ends(position)?.[otherEnd] === neighbour) found.push(position)
    }
    const group = added === undefined ? reader.storedGroup(run, direction, groupIndex) : undefined
    if (group === undefined) continue
    const runStart = reader.runStart(run)
    visitRels(group, direction, node, (other, forwardPosition) => {
      if (other < 0 || (neighbour !== undefined && other !== neighbour)) return
      const position = runStart + forwardPosition
      if (!reader.isDeleted(position)) found.push(position)
    })
  }
  return found
}
