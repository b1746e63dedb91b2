/**
 * What a worker holds to parse for one import: the encoder half of the sink, and behind it in the arena the
 * parser. Owned by one worker; made on the first block of a job and kept while there are blocks.
 *
 * ```
 * blocks:           | encoder | input: block, look-ahead | lanes of rowsMax rows       | encoding … |
 * a longer record:  | encoder | input: maxRowBytes                     | lanes of a row | encoding … |
 * ```
 *
 * Invariants
 * - A record whose end does not lie within the look-ahead is a batch of its own, parsed with the second
 *   layout. So the memory for the longest record is not taken beside the memory for a block.
 */
import { type Arena, assert, MillraceError } from '@millrace/core/base'
import { type EncodedBatch, throwIfStopped } from '../batch/index.js'
import {
  addKind,
  BlockParser,
  type CsvError,
  columnsInOrder,
  type ErrorContent,
  isSameOrder,
  type ParsedBlock,
  type ParseRequest,
  RefusedLog,
} from '../csv/index.js'
import { lookAheadBytes } from '../limits.js'
import type { BatchEncoder, EncodeResult, MissingNode } from '../sink/index.js'
import type { InputBytes, ParseJob, ParseOutcome, ParseTask } from './protocol.js'
import { bytesMissing } from './read-input.js'

/** Reads bytes of an input into `target` from `position` on; returns how many there were. */
export type ReadInput = (input: InputBytes, target: Uint8Array, position: number) => number

/** A parser, for blocks or for one long record at a time. */
interface Layout {
  readonly parser: BlockParser
  readonly isLong: boolean
}

export class ParseJobState {
  readonly #job: ParseJob
  readonly #arena: Arena
  readonly #encoder: BatchEncoder
  /** The parser's regions lie above. */
  readonly #parserMark: number
  #layout: Layout
  /** Of the fields that the layout reads. */
  #order: Uint32Array | null = null
  /** Rows that fit into a slot, as far as is known. */
  #rowsMax: number
  /** Rows of the next batch: fewer for a while where one had too many without their nodes. */
  #rowsWithMissing: number
  readonly #refused: RefusedLog | null
  /** Bytes of a slot for the batch. */
  readonly #batchBytesMax: number

  /**
   * Takes regions of `arena`.
   * @param encoder whose own regions lie below; closed with this
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET`
   */
  constructor(job: ParseJob, arena: Arena, encoder: BatchEncoder) {
    this.#job = job
    this.#arena = arena
    this.#rowsMax = job.rowsMax
    this.#rowsWithMissing = job.rowsMax
    this.#batchBytesMax = job.slotBytes - job.refusedBytes
    this.#refused = job.refusedBytes > 0 ? new RefusedLog(Buffer.alloc(0)) : null
    this.#encoder = encoder
    this.#parserMark = arena.mark()
    this.#layout = this.#makeLayout(false)
  }

  /** Gives up what the encoder holds open. */
  close(): void {
    this.#encoder.close()
  }

  /** Parses and encodes the task's records, as many as fit into its slot. */
  run(task: ParseTask, read: ReadInput): ParseOutcome {
    const { job } = task
    const target = targetOf(task)
    this.#refused?.moveTo(refusedIn(task))
    const timings = { readMs: 0, scanMs: 0, parseMs: 0, encodeMs: 0 }
    let lookAhead = Math.min(lookAheadBytes, job.maxRowBytes + 2)
    let rowsBeforeMissing = Number.POSITIVE_INFINITY
    if (this.#layout.isLong || !isSameOrder(this.#order, task.order)) {
      this.#order = task.order
      this.#layout = this.#makeLayout(false)
    }
    for (;;) {
      throwIfStopped(job.control)
      const startedAt = performance.now()
      const request = this.#fill(task, lookAhead, rowsBeforeMissing, read)
      const readAt = performance.now()
      const { parser } = this.#layout
      const scannedMs = parser.scanMs
      const parsed = parser.parse(request)
      const parsedAt = performance.now()
      timings.readMs += readAt - startedAt
      const scanMs = parser.scanMs - scannedMs
      timings.scanMs += scanMs
      timings.parseMs += parsedAt - readAt - scanMs
      if (parsed.needsMore && parsed.end === parsed.start) {
        // Where its first record begins is known: the next task is for that place.
        if (parsed.start > 0) return this.#outcome(task, parsed, null, timings)
        lookAhead = this.#makeRoom(request)
        continue
      }
      throwIfStopped(job.control)
      const result = parsed.rows === 0 ? null : this.#encoder.encode(parsed, target)
      timings.encodeMs += performance.now() - parsedAt
      if (result?.kind === 'full') {
        this.#shrink(parsed.rows)
        continue
      }
      if (result?.batch != null) this.#grow(parsed.rows, result.batch.bytes)
      const encoded: Encoded = result ?? { batch: null, missing: [], missingCount: 0 }
      const fewerRows = this.#rowsToTake(encoded)
      if (fewerRows !== null) {
        rowsBeforeMissing = fewerRows
        continue
      }
      if (encoded.missingCount === 0) return this.#outcome(task, parsed, encoded.batch, timings)
      // They are counted, and no more is asked for.
      if (job.ignoreErrors && job.refusedBytes === 0 && task.errorsKeptMax === 0) {
        const counted = withoutMissing(parsed, { ...encoded, missing: [] })
        return this.#outcome(task, counted, encoded.batch, timings)
      }
      const located = this.#locate(
        task,
        { ...request, start: parsed.start },
        encoded.missing,
        lookAhead,
        read,
      )
      if (!job.ignoreErrors)
        return this.#outcome(task, { ...located, ...nothingOf(task, parsed) }, null, timings)
      // Unless refused records are more than can be written down.
      if (located.rows === parsed.rows) {
        return this.#outcome(task, withoutMissing(located, encoded), encoded.batch, timings)
      }
      if (located.rows === 0) return this.#outcome(task, located, null, timings)
      rowsBeforeMissing = located.rows
    }
  }

  /**
   * For how many rows the batch is to be made again, because of nodes that are missing: those before the
   * first, where that stops the load, for they count whatever becomes of it; or those of which all could be
   * named, where all are written down. Null: it is as it should be.
   */
  #rowsToTake({ missing, missingCount }: Encoded): number | null {
    const { ignoreErrors, refusedBytes, rowsMax } = this.#job
    const first = missing[0]
    if (!ignoreErrors) return first === undefined || first.row === 0 ? null : first.row
    const isTooMany = refusedBytes > 0 && missing.length < missingCount
    const rows = isTooMany ? missing.at(-1)!.row + 1 : null
    // The next ones will hardly have fewer.
    this.#rowsWithMissing = rows ?? Math.min(rowsMax, this.#rowsWithMissing * 2)
    return rows
  }

  #makeLayout(isLong: boolean): Layout {
    const job = this.#job
    this.#arena.release(this.#parserMark)
    const inputBytesMax = isLong ? job.maxRowBytes + 2 : job.blockBytes + lookAheadBytes
    const parser = new BlockParser(this.#arena, {
      dialect: job.dialect,
      columns: columnsInOrder(job.columns, this.#order),
      fieldCount: job.fieldCount,
      rowsMax: isLong ? 1 : job.rowsMax,
      maxRowBytes: job.maxRowBytes,
      ignoreErrors: job.ignoreErrors,
      errorsKeptMax: job.errorsKeptMax,
      notesPlaces: job.notesPlaces,
      inputBytesMax,
      textBytes: isLong ? 0 : job.textBytes,
    })
    return { parser, isLong }
  }

  /**
   * Makes room for more bytes of the record at the request's start.
   * @returns how many can be read behind the block
   */
  #makeRoom({ length, blockBytes }: ParseRequest): number {
    if (length === this.#layout.parser.inputBytesMax) this.#layout = this.#makeLayout(true)
    const { inputBytesMax } = this.#layout.parser
    assert(inputBytesMax > length, 'a record that is wholly there is no longer than the longest')
    return inputBytesMax - blockBytes
  }

  /** Reads the task's bytes, and what may follow, into the parser's input. */
  #fill(task: ParseTask, lookAhead: number, rowsMax: number, read: ReadInput): ParseRequest {
    const leadBytes = task.exact || task.start === 0 ? 0 : 1
    const end = Math.min(task.end + lookAhead, task.inputBytes)
    const length = end - task.start
    const view = this.#layout.parser.inputView(-leadBytes, length)
    const count = read(task.input, view, task.start - leadBytes)
    if (count !== view.length) throw bytesMissing(task.input, task.inputBytes)
    return {
      length,
      blockBytes: task.end - task.start,
      start: task.exact ? 0 : null,
      atEnd: task.inputEnded && end === task.inputBytes,
      rowsMax: Math.min(this.#rowsMax, this.#rowsWithMissing, rowsMax),
      leadBytes,
      midLine: task.midLine,
      errorsKeptMax: task.errorsKeptMax,
      ...(this.#refused !== null && { refused: this.#refused }),
    }
  }

  /** A slot was full with `rows` rows: this and later blocks are cut into smaller batches. */
  #shrink(rows: number): void {
    if (rows <= 1) {
      throw new MillraceError('MILLRACE_MEMORY_BUDGET', {
        purpose: 'One record in a batch slot',
        needed: this.#batchBytesMax + 1,
        available: this.#batchBytesMax,
        budget: this.#batchBytesMax,
      })
    }
    this.#rowsMax = Math.ceil(rows / 2)
  }

  /** As many rows as were asked for filled less than half of a slot: twice as many will fit. */
  #grow(rows: number, bytes: number): void {
    if (rows < this.#rowsMax || bytes * 2 >= this.#batchBytesMax) return
    this.#rowsMax = Math.min(this.#job.rowsMax, this.#rowsMax * 2)
  }

  /** Parses the request again, and reports the rows whose nodes are missing among the other errors. */
  #locate(
    task: ParseTask,
    request: ParseRequest,
    missing: readonly MissingNode[],
    lookAhead: number,
    read: ReadInput,
  ): ParsedBlock {
    const { ignoreErrors } = this.#job
    this.#fill(task, lookAhead, request.rowsMax, read)
    const describe = (index: number): ErrorContent => {
      const { column, table, key } = missing[index]!
      const message = `there is no ${table} with the key ${key}`
      return { kind: 'missingNode', column, message, text: key }
    }
    const rows = missing.map(({ row }) => row)
    const refuse = { rows, firstRow: 0, describe, alone: !ignoreErrors }
    // One that stops the load is the first row: no other is looked at.
    return this.#layout.parser.parse({ ...request, refuse, rowsMax: ignoreErrors ? request.rowsMax : 1 })
  }

  #outcome(
    task: ParseTask,
    parsed: ParsedBlock,
    batch: EncodedBatch | null,
    timings: ParseOutcome['timings'],
  ): ParseOutcome {
    const { start } = task
    const { bytes, apart } = this.#refused ?? { bytes: 0, apart: [] }
    return {
      start: start + parsed.start,
      end: start + parsed.end,
      rows: parsed.rows,
      records: parsed.records,
      skipped: parsed.skipped,
      lines: parsed.lines,
      done: parsed.done,
      midLine: parsed.midLine,
      errors: parsed.errors.map((error) => inInput(error, start)),
      errorCount: parsed.errorCount,
      errorKinds: parsed.errorKinds,
      refused: bytes === 0 ? null : { bytes, apart: apart.map((error) => inInput(error, start)) },
      batch,
      places: parsed.places,
      timings,
    }
  }
}

/** What an encoder made of a block, without nodes that are missing. */
type Encoded = Omit<Extract<EncodeResult, { kind: 'batch' }>, 'kind'>

/** Nothing of the block counts but its error. */
function nothingOf({ midLine }: ParseTask, { start, done }: ParsedBlock) {
  return { rows: 0, records: 0, skipped: 0, lines: 0, end: start, done, midLine }
}

/** `located` without the rows that the encoder has left out, of which `missing` are among its errors. */
function withoutMissing(located: ParsedBlock, { missing, missingCount }: Encoded): ParsedBlock {
  const more = missingCount - missing.length
  const errorKinds = { ...located.errorKinds }
  addKind(errorKinds, 'missingNode', more)
  return {
    ...located,
    rows: located.rows - missingCount,
    skipped: located.skipped + missingCount,
    errorCount: located.errorCount + more,
    errorKinds,
  }
}

/** `error` with its bytes counted from the start of the input, in which the block begins at `start`. */
function inInput(error: CsvError, start: number): CsvError {
  const { openQuote } = error
  const quote =
    openQuote === undefined ? {} : { openQuote: { ...openQuote, byteOffset: start + openQuote.byteOffset } }
  return { ...error, ...quote, byteOffset: start + error.byteOffset }
}

const nowhere = new ArrayBuffer(0)

/** Where the batch goes: the slot, or whatever memory there is for plain columns. */
function targetOf({ job, slot, memory }: ParseTask): Uint8Array {
  if (job.slots === null) return new Uint8Array(memory ?? nowhere)
  return new Uint8Array(job.slots, slot * job.slotBytes, job.slotBytes - job.refusedBytes)
}

/** Where the task's refused records go. */
function refusedIn({ job, slot }: ParseTask): Buffer {
  const { slots, slotBytes, refusedBytes } = job
  assert(slots !== null, 'refused records are written to slots')
  return Buffer.from(slots, (slot + 1) * slotBytes - refusedBytes, refusedBytes)
}
