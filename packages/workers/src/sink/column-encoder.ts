/**
 * The encoder half of the plain sink, in a parse worker: copies parsed columns into the batch's memory as
 * whoever reads CSV without a database wants them. `ColumnPlace` says how they lie there.
 *
 * - Integers that fit are made narrow; texts are gathered, and given offsets.
 * - Each value is copied once, into memory that moves to the caller's thread as it is.
 * - No object or string per row.
 */
import { type Arena, type ColumnBuffer, type ColumnKernels, loadColumnKernels } from '@millrace/core/base'
import { type ColumnPlace, laneWidth } from '../batch/index.js'
import { type CsvKernels, loadCsvKernels, type ParsedBlock } from '../csv/index.js'
import type { BatchEncoder, EncodeResult } from './sink.js'

/** Bytes that kernels may write behind what they are asked for. */
const slackBytes = 64

const full: EncodeResult = { kind: 'full' }

export class ColumnEncoder implements BatchEncoder {
  readonly #arena: Arena
  readonly #batchBytesMax: number
  readonly #csvKernels: CsvKernels
  #columnKernels: ColumnKernels | undefined

  constructor(batchBytesMax: number, arena: Arena) {
    this.#arena = arena
    this.#batchBytesMax = batchBytesMax
    this.#csvKernels = loadCsvKernels(arena.memory)
  }

  /** Fills `target`, or memory made for the batch where that is too small. */
  encode(parsed: ParsedBlock, target: Uint8Array): EncodeResult {
    const { rows } = parsed
    const { places, bytes } = this.#layOut(parsed)
    if (bytes > this.#batchBytesMax) return full
    const memory = memoryFor(bytes, target)
    for (const [i, column] of parsed.columns.entries()) {
      const mark = this.#arena.mark()
      this.#write(column, rows, places[i]!, memory)
      this.#arena.release(mark)
    }
    const batch = { kind: 'columns', rows, memory, bytes, columns: places } as const
    return { kind: 'batch', batch, missing: [], missingCount: 0 }
  }

  close(): void {}

  /** Loaded when a column needs them: most have neither nulls nor narrow values. */
  get #narrowing(): ColumnKernels {
    this.#columnKernels ??= loadColumnKernels(this.#arena.memory)
    return this.#columnKernels
  }

  #layOut({ rows, columns }: ParsedBlock): { readonly places: ColumnPlace[]; readonly bytes: number } {
    let bytes = 0
    const places = columns.map(({ type, nullCount, values: lanes }): ColumnPlace => {
      const width = laneWidth(type)
      const validity = nullCount === 0 ? -1 : bytes
      const values = bytes + (nullCount === 0 ? 0 : validityBytes(rows))
      const text = values + (width === 0 ? (rows + 1) * 4 : rows * width)
      const textBytes = width === 0 ? this.#csvKernels.textBytes(lanes, rows) : 0
      bytes = Math.ceil((text + textBytes) / 8) * 8
      return { nullCount, validity, values, text, textBytes }
    })
    return { places, bytes }
  }

  #write({ type, values, nulls }: ColumnBuffer, rows: number, place: ColumnPlace, memory: ArrayBuffer): void {
    const width = laneWidth(type)
    const scratchBytes = Math.max(validityBytes(rows), (rows + 1) * 4 + place.textBytes) + slackBytes
    const scratch = this.#arena.allocate(scratchBytes)
    if (place.validity !== -1) {
      this.#narrowing.packValidity(nulls, rows, scratch)
      this.#copy(scratch, validityBytes(rows), memory, place.validity)
    }
    if (width === 0) {
      const valuesBytes = place.text - place.values
      this.#csvKernels.gatherTexts(values, rows, scratch, scratch + valuesBytes)
      this.#copy(scratch, valuesBytes + place.textBytes, memory, place.values)
      return
    }
    // In place: nobody needs the lanes afterwards.
    if (width === 4) this.#narrowing.narrowTo4(values, rows)
    if (width === 1) this.#narrowing.narrowTo1(values, rows)
    this.#copy(values, rows * width, memory, place.values)
  }

  #copy(from: number, bytes: number, memory: ArrayBuffer, at: number): void {
    new Uint8Array(memory, at, bytes).set(new Uint8Array(this.#arena.memory.buffer, from, bytes))
  }
}

function validityBytes(rows: number): number {
  return Math.ceil(rows / 64) * 8
}

/** `target`, where it is large enough; else memory of its own, which nobody needs zeroed. */
function memoryFor(bytes: number, target: Uint8Array): ArrayBuffer {
  if (target.length >= bytes) return target.buffer as ArrayBuffer
  // What is used again gets some room: batches of one file differ little.
  const room = target.length === 0 ? 0 : Math.ceil(bytes / 64) * 8
  return Buffer.allocUnsafeSlow(bytes + room).buffer as ArrayBuffer
}
