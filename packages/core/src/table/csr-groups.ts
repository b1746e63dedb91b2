/**
 * Gathers one side of a relationship run: row groups, wherever they were built, become CSR groups; and the
 * relationships of each node, counted, become the groups' starts.
 *
 * Invariants
 * - What is added never descends: neither the nodes nor the row groups.
 * - Its regions lie at the bottom of the arena, so that others can be taken and released above them.
 */
import type { CsrGroup, RowGroup } from '../catalog/index.js'
import { encodeScratchBytes } from '../column/index.js'
import { assert } from '../errors/index.js'
import { csrGroupNodes } from '../limits.js'
import type { SegmentWriter } from './segment-writer.js'
import type { WorkingMemory } from './working-memory.js'

/**
 * Bytes for the starts of a CSR group, their encoding and its copy, in a run that `nodeCount` nodes can bind.
 */
export function startsBytes(nodeCount: number): number {
  const lanes = Math.min(csrGroupNodes, nodeCount) + 1
  const counts = lanes * 4
  const encoding = encodeScratchBytes(lanes) + 2 * 9 * lanes
  return lanes * 9 + Math.max(counts, encoding)
}

export class CsrGroups {
  readonly #memory: WorkingMemory
  readonly #segments: SegmentWriter
  /** Nodes that relationships can be bound by. */
  readonly #nodeCount: number
  readonly #starts: number
  readonly #noNulls: number
  readonly #groups: CsrGroup[] = []
  #group = -1
  #rows = 0
  #chunks: RowGroup[] = []

  constructor(memory: WorkingMemory, segments: SegmentWriter, nodeCount: number) {
    const { arena } = memory
    const lanes = Math.min(csrGroupNodes, nodeCount) + 1
    this.#memory = memory
    this.#segments = segments
    this.#nodeCount = nodeCount
    this.#starts = arena.allocate(lanes * 8)
    this.#noNulls = arena.allocate(lanes + 64)
    arena.bytes.fill(0, this.#noNulls, this.#noNulls + lanes + 64)
  }

  /** What follows is bound by `node` and others of its CSR group. */
  enter(node: number): void {
    const group = Math.floor(node / csrGroupNodes)
    if (group === this.#group) return
    assert(node < this.#nodeCount, `node offset ${node} of ${this.#nodeCount}`)
    assert(group > this.#group, `CSR group ${group} after ${this.#group}`)
    this.#close()
    this.#group = group
    this.#memory.arena.bytes.fill(0, this.#starts, this.#starts + (this.#groupNodes() + 1) * 8)
  }

  /** Adds a row group whose bound nodes are counted elsewhere, or have been. */
  addRowGroup(rowGroup: RowGroup): void {
    this.#chunks.push(rowGroup)
    this.#rows += rowGroup.rows
  }

  /** Counts `rows` bound nodes, i64 each, of the group entered. */
  countRows(bound: number, rows: number): void {
    this.#memory.kernels.countStarts(bound, rows, this.#group * csrGroupNodes, this.#starts)
  }

  /** Takes the counts of consecutive nodes from `firstNode` on: u32 each, in little-endian bytes. */
  takeCounts(firstNode: number, counts: Uint8Array): void {
    const { arena, kernels } = this.#memory
    const first = firstNode - this.#group * csrGroupNodes
    const nodes = counts.length / 4
    assert(first >= 0 && first + nodes <= this.#groupNodes(), `${nodes} nodes from ${firstNode} on`)
    const mark = arena.mark()
    const address = arena.allocate(counts.length)
    arena.bytes.set(counts, address)
    kernels.widenCounts(address, nodes, this.#starts + (first + 1) * 8)
    arena.release(mark)
  }

  /** The groups, ascending. */
  finish(): CsrGroup[] {
    this.#close()
    return this.#groups
  }

  /** Nodes of the group entered. */
  #groupNodes(): number {
    return Math.min(csrGroupNodes, this.#nodeCount - this.#group * csrGroupNodes)
  }

  #close(): void {
    if (this.#rows > 0) {
      const lanes = this.#groupNodes() + 1
      this.#memory.kernels.sumStarts(this.#starts, lanes)
      const column = { type: 'INT64', rows: lanes, values: this.#starts, nulls: this.#noNulls } as const
      const starts = this.#segments.write({ ...column, nullCount: 0 })
      this.#groups.push({ groupIndex: this.#group, rows: this.#rows, starts, chunks: this.#chunks })
    }
    this.#chunks = []
    this.#rows = 0
  }
}
