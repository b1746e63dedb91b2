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
  BlockParser,
  type CsvError,
  columnsInOrder,
  isSameOrder,
  locateRows,
  type ParsedBlock,
  type ParseRequest,
} from '../csv/index.js'
import { lookAheadBytes } from '../limits.js'
import type { BatchEncoder, MissingNode } from '../sink/index.js'
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
  /**
   * Rows of the next batch, where all errors are kept: fewer for a while when a batch has too many of them.
   */
  #rowsWithErrors: number

  /**
   * Takes regions of `arena`.
   * @param encoder whose own regions lie below; closed with this
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET`
   */
  constructor(job: ParseJob, arena: Arena, encoder: BatchEncoder) {
    this.#job = job
    this.#arena = arena
    this.#rowsMax = job.rowsMax
    this.#rowsWithErrors = job.rowsMax
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
        if (parsed.start > 0) return outcomeOf(task, parsed, null, timings)
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
      if (this.#hasTooManyErrors(parsed, result?.missingCount ?? 0)) continue
      const first = result?.missing[0]
      if (result === null || first === undefined) {
        return outcomeOf(task, parsed, result?.batch ?? null, timings)
      }
      if (!job.ignoreErrors && first.row > 0) {
        // The rows before it are a batch of their own: they count, whatever becomes of the load.
        rowsBeforeMissing = first.row
        continue
      }
      const places = this.#locate(task, request, parsed, result.missing, lookAhead, read)
      return this.#outcomeWithMissing(task, parsed, result, places, timings)
    }
  }

  /** Where all errors are kept: whether to parse again with fewer rows, because there are more than that. */
  #hasTooManyErrors(parsed: ParsedBlock, missingCount: number): boolean {
    const { keepsAllErrors, errorsKeptMax, rowsMax } = this.#job
    if (!keepsAllErrors) return false
    const isTooMany = parsed.errorCount + missingCount > errorsKeptMax && parsed.rows > 1
    this.#rowsWithErrors = isTooMany
      ? Math.ceil(parsed.rows / 2)
      : Math.min(rowsMax, this.#rowsWithErrors * 2)
    return isTooMany
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
      keepsAllErrors: job.keepsAllErrors,
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
      rowsMax: Math.min(this.#rowsMax, this.#rowsWithErrors, rowsMax),
      leadBytes,
      midLine: task.midLine,
    }
  }

  /** A slot was full with `rows` rows: this and later blocks are cut into smaller batches. */
  #shrink(rows: number): void {
    if (rows <= 1) {
      throw new MillraceError('MILLRACE_MEMORY_BUDGET', {
        purpose: 'One record in a batch slot',
        needed: this.#job.slotBytes + 1,
        available: this.#job.slotBytes,
        budget: this.#job.slotBytes,
      })
    }
    this.#rowsMax = Math.ceil(rows / 2)
  }

  /** As many rows as were asked for filled less than half of a slot: twice as many will fit. */
  #grow(rows: number, bytes: number): void {
    if (rows < this.#rowsMax || bytes * 2 >= this.#job.slotBytes) return
    this.#rowsMax = Math.min(this.#job.rowsMax, this.#rowsMax * 2)
  }

  /** Where the rows stand whose nodes are missing; as many as are kept. */
  #locate(
    task: ParseTask,
    request: ParseRequest,
    parsed: ParsedBlock,
    missing: readonly MissingNode[],
    lookAhead: number,
    read: ReadInput,
  ): CsvError[] {
    this.#fill(task, lookAhead, request.rowsMax, read)
    const again = { ...request, start: parsed.start }
    const places = locateRows(
      this.#layout.parser,
      again,
      missing.map((node) => node.row),
    )
    return missing.map((node, index) => {
      const place = places[index]!
      return {
        kind: 'missingNode',
        row: place.record,
        line: place.line,
        byteOffset: place.byteOffset,
        recordBytes: place.recordBytes,
        column: node.column,
        message: `there is no ${node.table} with the key ${node.key}`,
        text: node.key,
      }
    })
  }

  #outcomeWithMissing(
    task: ParseTask,
    parsed: ParsedBlock,
    result: { readonly batch: EncodedBatch | null; readonly missingCount: number },
    places: readonly CsvError[],
    timings: ParseOutcome['timings'],
  ): ParseOutcome {
    const { ignoreErrors, keepsAllErrors, errorsKeptMax } = this.#job
    if (!ignoreErrors) {
      // It is the first row: nothing of the block counts but its error.
      const none = { rows: 0, records: 0, skipped: 0, lines: 0, end: parsed.start, midLine: task.midLine }
      return outcomeOf(
        task,
        { ...parsed, ...none, errors: [...places], errorCount: 1, errorKinds: { missingNode: 1 } },
        null,
        timings,
      )
    }
    const errors = [...parsed.errors, ...places].sort((left, right) => left.byteOffset - right.byteOffset)
    const whole = outcomeOf(task, { ...parsed, errors }, result.batch, timings)
    return {
      ...whole,
      rows: parsed.rows - result.missingCount,
      skipped: parsed.skipped + result.missingCount,
      errors: keepsAllErrors ? whole.errors : whole.errors.slice(0, errorsKeptMax),
      errorCount: parsed.errorCount + result.missingCount,
      errorKinds: { ...parsed.errorKinds, missingNode: result.missingCount },
    }
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
  return new Uint8Array(job.slots, slot * job.slotBytes, job.slotBytes)
}

function outcomeOf(
  task: ParseTask,
  parsed: ParsedBlock,
  batch: EncodedBatch | null,
  timings: ParseOutcome['timings'],
): ParseOutcome {
  return {
    start: task.start + parsed.start,
    end: task.start + parsed.end,
    rows: parsed.rows,
    records: parsed.records,
    skipped: parsed.skipped,
    lines: parsed.lines,
    done: parsed.done,
    midLine: parsed.midLine,
    errors: parsed.errors.map((error) => inInput(error, task.start)),
    errorCount: parsed.errorCount,
    errorKinds: parsed.errorKinds,
    batch,
    places: parsed.places,
    timings,
  }
}
