/**
 * What a worker holds to parse for one import: its parser, the encoder half of the sink.
 * Owned by one worker; made on the first block of a job and kept while there are blocks.
 */
import { type Arena, MillraceError } from '@millrace/core/internal'
import type { EncodedBatch } from '../batch/index.js'
import { BlockParser, type CsvError, locateRows, type ParsedBlock, type ParseRequest } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import { type BatchEncoder, createEncoder, type MissingNode } from '../sink/index.js'
import type { InputBytes, ParseJob, ParseOutcome, ParseTask } from './protocol.js'

/** Reads bytes of an input into `target` from `position` on; returns how many there were. */
export type ReadInput = (input: InputBytes, target: Uint8Array, position: number) => number

/**
 * Bytes read behind a block at first. Most records are shorter; a longer one is read again with all it may
 * need.
 */
const lookAheadBytes = 65_536

export class ParseJobState {
  readonly #job: ParseJob
  readonly #parser: BlockParser
  readonly #encoder: BatchEncoder
  /** Rows that fit into a slot, as far as is known. */
  #rowsMax: number

  /** Takes regions of `arena`. @throws MillraceError `MILLRACE_MEMORY_BUDGET` */
  constructor(job: ParseJob, arena: Arena) {
    this.#job = job
    this.#rowsMax = job.rowsMax
    this.#parser = new BlockParser(arena, {
      dialect: job.dialect,
      columns: job.columns,
      fieldCount: job.fieldCount,
      rowsMax: job.rowsMax,
      maxRowBytes: job.maxRowBytes,
      ignoreErrors: job.ignoreErrors,
      errorsKeptMax: job.errorsKeptMax,
      inputBytesMax: job.blockBytes + Math.max(job.maxRowBytes + 2, lookAheadBytes),
    })
    this.#encoder = createEncoder(job, arena)
  }

  /** Gives up what the encoder holds open. */
  close(): void {
    this.#encoder.close()
  }

  /** Parses and encodes the task's records, as many as fit into its slot. */
  run(task: ParseTask, read: ReadInput): ParseOutcome {
    const { job, slot } = task
    const target = new Uint8Array(job.slots, slot * job.slotBytes, job.slotBytes)
    const timings = { readMs: 0, parseMs: 0, encodeMs: 0 }
    let lookAhead = Math.min(lookAheadBytes, job.maxRowBytes + 2)
    for (;;) {
      const startedAt = performance.now()
      const request = this.#fill(task, lookAhead, read)
      const readAt = performance.now()
      const parsed = this.#parser.parse(request)
      const parsedAt = performance.now()
      timings.readMs += readAt - startedAt
      timings.parseMs += parsedAt - readAt
      if (parsed.needsMore && parsed.end === parsed.start && lookAhead < job.maxRowBytes + 2) {
        lookAhead = job.maxRowBytes + 2
        continue
      }
      const result = parsed.rows === 0 ? null : this.#encoder.encode(parsed, target)
      timings.encodeMs += performance.now() - parsedAt
      if (result?.kind === 'full') {
        this.#shrink(parsed.rows)
        continue
      }
      if (result === null || result.missing.length === 0) {
        return outcomeOf(task, parsed, result?.batch ?? null, timings)
      }
      const places = this.#locate(task, request, parsed, result.missing, lookAhead, read)
      return this.#outcomeWithMissing(task, parsed, result, places, timings)
    }
  }

  /** Reads the task's bytes, and what may follow, into the parser's input. */
  #fill(task: ParseTask, lookAhead: number, read: ReadInput): ParseRequest {
    const leadBytes = task.exact || task.start === 0 ? 0 : 1
    const end = Math.min(task.end + lookAhead, task.inputBytes)
    const length = end - task.start
    const view = this.#parser.inputView(-leadBytes, length)
    const count = read(task.input, view, task.start - leadBytes)
    if (count !== view.length) {
      throw workersError('MILLRACE_SOURCE_CHANGED', {
        source: 'The input',
        before: task.inputBytes,
        now: task.start - leadBytes + count,
      })
    }
    return {
      length,
      blockBytes: task.end - task.start,
      start: task.exact ? 0 : null,
      atEnd: task.inputEnded && end === task.inputBytes,
      rowsMax: this.#rowsMax,
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

  /** Where the rows stand whose nodes are missing; as many as are kept. */
  #locate(
    task: ParseTask,
    request: ParseRequest,
    parsed: ParsedBlock,
    missing: readonly MissingNode[],
    lookAhead: number,
    read: ReadInput,
  ): CsvError[] {
    this.#fill(task, lookAhead, read)
    const again = { ...request, start: parsed.start }
    const places = locateRows(
      this.#parser,
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
    const missingOnly = !this.#job.ignoreErrors
    const errors = missingOnly
      ? places
      : [...parsed.errors, ...places].sort((left, right) => left.byteOffset - right.byteOffset)
    const whole = outcomeOf(task, { ...parsed, errors: [...errors] }, result.batch, timings)
    return {
      ...whole,
      rows: parsed.rows - result.missingCount,
      skipped: parsed.skipped + result.missingCount,
      errors: whole.errors.slice(0, this.#job.errorsKeptMax),
      errorCount: missingOnly ? 1 : parsed.errorCount + result.missingCount,
    }
  }
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
    errors: parsed.errors.map((error) => ({ ...error, byteOffset: task.start + error.byteOffset })),
    errorCount: parsed.errorCount,
    batch,
    timings,
  }
}
