/**
 * One side of a relationship load being built, on the writer thread: its units, in order, either come built
 * (`build-unit.ts`) and are placed, or are built here within bounds (`csr-build.ts`).
 *
 * Invariants
 * - Units are taken strictly in order; so pages, row groups and what the other side gets of them are in an
 *   order that does not depend on who built what, and when.
 * - A unit's spooled chunks are dropped as soon as it is taken.
 */
import { type CsrGroup, PackedSegments } from '../catalog/index.js'
import { assert } from '../errors/index.js'
import type { PageStore } from '../index/index.js'
import { pageBytes } from '../limits.js'
import type { MemoryBudget } from '../memory/index.js'
import { type BuiltUnit, countsBytesOf, turnedAround } from './build-unit.js'
import { buildPartitions, type RelSpool } from './csr-build.js'
import { CsrGroups } from './csr-groups.js'
import { type CsrSide, type CsrUnit, heapBytesFor, planUnits } from './csr-unit.js'
import type { PageLedger } from './page-ledger.js'
import { packRels } from './rel-chunk.js'
import { type RowGroupListener, RowGroupWriter } from './row-group-writer.js'
import { SegmentWriter } from './segment-writer.js'
import type { SpoolBlocks } from './spool-blocks.js'
import type { WorkingMemory } from './working-memory.js'

export interface RelSideParts {
  readonly store: PageStore
  readonly budget: MemoryBudget
  readonly ledger: PageLedger
  readonly memory: WorkingMemory
  readonly blocks: SpoolBlocks
  /** What the side is built of. */
  readonly rels: RelSpool
  /** What the other side will be built of; null when there is none. */
  readonly other: RelSpool | null
  readonly direction: CsrSide['direction']
  readonly types: CsrSide['types']
  readonly nodeCount: number
  readonly unitBytes: number
  /** Bytes for relationships that are sorted here at once, and for the blocks that they are split into. */
  readonly loadBytesMax: number
  readonly splitBytesMax: number
}

export class RelSide {
  readonly side: CsrSide
  readonly units: readonly CsrUnit[]
  readonly #parts: RelSideParts
  readonly #mark: number
  readonly #segments: SegmentWriter
  readonly #groups: CsrGroups
  /** Units taken. */
  #taken = 0

  constructor(parts: RelSideParts) {
    const { memory, ledger, budget, rels, other, blocks, direction, types, nodeCount, unitBytes } = parts
    this.#parts = parts
    this.#mark = memory.arena.mark()
    this.#segments = new SegmentWriter(memory, ledger, budget)
    this.#groups = new CsrGroups(memory, this.#segments, nodeCount)
    this.units = planUnits(rels, types, nodeCount, unitBytes)
    this.side = {
      direction,
      types,
      emitTo: other?.partitions ?? null,
      heapBytesMax: heapBytesFor(types, unitBytes),
      blocks: blocks.shared,
      blockBytes: blocks.blockBytes,
      file: rels.spool.filePath,
    }
  }

  /**
   * Takes the next unit as it was built. `bytes` is the target it was built into; it is the caller's again
   * afterwards.
   */
  place(index: number, built: BuiltUnit, bytes: Uint8Array): void {
    const unit = this.#next(index)
    const { ledger, other } = this.#parts
    const pagesEnd = built.pages * pageBytes
    const countsEnd = pagesEnd + countsBytesOf(unit)
    // Before the unit's own pages, as where it is built here: this may write those of the group before.
    this.#groups.enter(unit.firstNode)
    const base = ledger.write(bytes.subarray(0, pagesEnd))
    this.#groups.takeCounts(unit.firstNode, bytes.subarray(pagesEnd, pagesEnd + unit.nodes * 4))
    let rows = 0
    for (const group of built.rowGroups) {
      this.#groups.addRowGroup({ rows: group.rows, segments: PackedSegments.placed(group, base) })
      rows += group.rows
    }
    assert(rows === unit.rows, `${rows} of ${unit.rows} relationships of a unit`)
    other?.append(bytes.subarray(countsEnd, countsEnd + built.chunkBytes))
    this.#drop(unit)
  }

  /** Builds the next unit here. */
  build(index: number): void {
    const unit = this.#next(index)
    const { memory, rels, other, types } = this.#parts
    const { arena } = memory
    const mark = arena.mark()
    this.#groups.enter(unit.firstNode)
    const writer = new RowGroupWriter(memory, this.#segments, this.#groups, {
      types,
      rowGroupRows: unit.rowGroupRows,
      heapBytesMax: this.side.heapBytesMax,
      firstPosition: unit.firstPosition,
      listener: other === null ? null : this.#handTo(other),
    })
    buildPartitions(memory, rels, unit.firstPartition, unit.endPartition, writer, this.#parts)
    writer.finish()
    arena.release(mark)
    this.#drop(unit)
  }

  /** Builds the units that are left, and returns the side. */
  finish(): CsrGroup[] {
    while (this.#taken < this.units.length) this.build(this.#taken)
    const groups = this.#groups.finish()
    this.close()
    this.#parts.memory.arena.release(this.#mark)
    return groups
  }

  /** Gives back what it reserved outside the arena. */
  close(): void {
    this.#segments.close()
  }

  /** Spools row groups for the other side. */
  #handTo(other: RelSpool): RowGroupListener {
    const { memory } = this.#parts
    const { arena } = memory
    return (rows, bound, neighbours, firstPosition) => {
      const mark = arena.mark()
      const turned = turnedAround(memory, rows, bound, neighbours, firstPosition)
      const packed = packRels(memory, turned, other.partitions)
      assert(packed !== null, 'chunks are as large as they need to be')
      other.append(new Uint8Array(arena.memory.buffer, packed.address, packed.bytes))
      arena.release(mark)
    }
  }

  #next(index: number): CsrUnit {
    const unit = this.units[index]
    assert(unit !== undefined && index === this.#taken, `unit ${index} after ${this.#taken}`)
    this.#taken++
    return unit
  }

  #drop(unit: CsrUnit): void {
    const { spool } = this.#parts.rels
    for (let partition = unit.firstPartition; partition < unit.endPartition; partition++)
      spool.drop(partition)
  }
}
