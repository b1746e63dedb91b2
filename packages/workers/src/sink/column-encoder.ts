/**
 * The encoder half of the plain sink, in a parse worker: copies parsed columns into the slot as whoever reads
 * CSV without a database wants them. `ColumnPlace` says how they lie there.
 *
 * - Integers that fit are made narrow; texts are gathered, and given offsets.
 * - No object or string per row.
 */
import { type Arena, type ColumnBuffer, type ColumnKernels, loadColumnKernels } from '@millrace/core/internal'
import { type ColumnPlace, laneWidth } from '../batch/index.js'
import type { ParsedBlock } from '../csv/index.js'
import type { BatchEncoder, EncodeResult } from './sink.js'

/** Bytes that kernels may write behind what they are asked for. */
const slackBytes = 64
/** `gatherStrings` notes where each so many rows begin, which nobody here asks for. */
const rowsNoted = 1024

const full: EncodeResult = { kind: 'full' }

export class ColumnEncoder implements BatchEncoder {
  readonly #arena: Arena
  readonly #kernels: ColumnKernels
  readonly #bitmap: number
  readonly #starts: number

  constructor(rowsMax: number, arena: Arena) {
    this.#arena = arena
    this.#kernels = loadColumnKernels(arena.memory)
    this.#bitmap = arena.allocate(rowsMax / 8 + slackBytes)
    this.#starts = arena.allocate((rowsMax / rowsNoted + 2) * 4)
  }

  encode(parsed: ParsedBlock, target: Uint8Array): EncodeResult {
    const { rows } = parsed
    const columns: ColumnPlace[] = []
    let at = 0
    for (const column of parsed.columns) {
      const width = laneWidth(column.type)
      const bitmapBytes = column.nullCount === 0 ? 0 : Math.ceil(rows / 64) * 8
      const valuesBytes = width === 0 ? (rows + 1) * 4 : rows * width
      const validity = column.nullCount === 0 ? -1 : at
      const values = at + bitmapBytes
      const text = values + valuesBytes
      if (text > target.length) return full
      if (validity !== -1) this.#writeValidity(column, rows, bitmapBytes, target, validity)
      let textBytes = 0
      if (width === 0) {
        textBytes = this.#writeOffsets(column, rows, target, values)
        if (text + textBytes > target.length) return full
        this.#writeText(column, rows, textBytes, target, text)
      } else this.#writeValues(column, rows, width, target, values)
      columns.push({ nullCount: column.nullCount, validity, values, text, textBytes })
      at = Math.ceil((text + textBytes) / 8) * 8
    }
    const batch = { kind: 'columns', rows, bytes: Math.min(at, target.length), columns } as const
    return { kind: 'batch', batch, missing: [], missingCount: 0 }
  }

  close(): void {}

  #writeValidity({ nulls }: ColumnBuffer, rows: number, bytes: number, target: Uint8Array, at: number): void {
    this.#kernels.packValidity(nulls, rows, this.#bitmap)
    target.set(new Uint8Array(this.#arena.memory.buffer, this.#bitmap, bytes), at)
  }

  #writeValues({ values }: ColumnBuffer, rows: number, width: number, target: Uint8Array, at: number): void {
    // In place: nobody needs the lanes afterwards. A batch that turns out not to fit is parsed again.
    if (width === 4) this.#kernels.narrowTo4(values, rows)
    if (width === 1) this.#kernels.narrowTo1(values, rows)
    target.set(new Uint8Array(this.#arena.memory.buffer, values, rows * width), at)
  }

  /** Writes where each text ends, behind a 0; returns where the last one does. */
  #writeOffsets({ values }: ColumnBuffer, rows: number, target: Uint8Array, at: number): number {
    const offsets = new Uint32Array(target.buffer, target.byteOffset + at, rows + 1)
    const lanes = new Uint32Array(this.#arena.memory.buffer, values, rows * 2)
    let end = 0
    offsets[0] = 0
    for (let row = 0; row < rows; row++) {
      end += lanes[row * 2 + 1]!
      offsets[row + 1] = end
    }
    return end
  }

  #writeText({ values }: ColumnBuffer, rows: number, bytes: number, target: Uint8Array, at: number): void {
    const mark = this.#arena.mark()
    const heap = this.#arena.allocate(bytes + slackBytes)
    this.#kernels.gatherStrings(values, rows, this.#starts, heap)
    target.set(new Uint8Array(this.#arena.memory.buffer, heap, bytes), at)
    this.#arena.release(mark)
  }
}
