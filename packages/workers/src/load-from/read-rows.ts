/**
 * Reads the rows of CSV files one block after the other, on the caller's thread.
 *
 * Invariants
 * - A block is read when its rows are asked for. One file is open at a time, and none when the reading ends,
 *   however it does. Of a file that is unpacked or decoded no more is done than a ring holds.
 * - Errors are those of COPY: the first refused record in file order, behind the rows before it.
 * - Memory: a WebAssembly memory and a batch, reserved for as long as the reading goes on; a batch is whose
 *   it is given to.
 */
import { Arena, type MemoryBudget } from '@millrace/core/internal'
import type { ExternalBatch } from '@millrace/core/query'
import { type ColumnBatch, LoadControl } from '../batch/index.js'
import type { ParseColumn } from '../csv/index.js'
import { withGuessedType } from '../errors/index.js'
import {
  ErrorLog,
  type FilesFound,
  findFiles,
  Ledger,
  type OpenedInput,
  type OpeningOptions,
  openFile,
  type ResolvedOptions,
  ringBytesFor,
  type SourcePath,
} from '../import/index.js'
import { errorsKeptMax, loadFromBlockBytes } from '../limits.js'
import { CsvBatch, columnsJob, planReading } from '../read/index.js'
import { ColumnEncoder } from '../sink/index.js'
import { type ParseJob, ParseJobState, readInput } from '../threads/index.js'
import { awaited } from './awaited.js'
import type { FoundCsv } from './found-csv.js'
import { narrowed } from './narrowed.js'

/** What was refused of a source, told when the reading ends. */
export type TellRefused = (errors: ErrorLog) => void

const nothing: ExternalBatch = { rows: 0, columns: [] }

/**
 * All rows, with the columns of these indexes.
 * @throws MillraceError what COPY throws for such files; `MILLRACE_SOURCE_CHANGED`
 */
export function* readRows(
  found: FoundCsv,
  indexes: readonly number[],
  budget: MemoryBudget,
  tell: TellRefused,
): Generator<ExternalBatch, void, undefined> {
  const errors = new ErrorLog({ ...found.options, keptMax: errorsKeptMax })
  const reading = new Reading(found, indexes, budget, errors)
  try {
    for (const index of found.paths.keys()) yield* reading.rowsOfFile(index)
  } catch (error) {
    const { sampledRows, sampledPlaces } = found.sniffed
    const guessed = { columns: found.columns, sampledRows, sampledPlaces }
    throw withGuessedType(error, guessed, () => found.isGiven, remedyFor)
  } finally {
    reading.close()
    if (errors.count > 0) tell(errors)
  }
}

function remedyFor(column: string): string {
  return `name the columns with their types: LOAD WITH HEADERS (…, ${column} STRING, …) FROM …`
}

/** Memory that files take which are not read as they are: what they are unpacked into, and for that. */
function makeRing(
  { anyPacked, unpackingBytes }: FilesFound,
  options: ResolvedOptions,
  budget: MemoryBudget,
): [SharedArrayBuffer | null, number] {
  if (!anyPacked && options.decoding === null) return [null, 0]
  const bytes = ringBytesFor(ringBlocks, loadFromBlockBytes, options.maxRowBytes)
  budget.reserve(bytes + unpackingBytes, 'unpacking or decoding a CSV file')
  return [new SharedArrayBuffer(bytes), bytes + unpackingBytes]
}

/** Blocks that are unpacked ahead. */
const ringBlocks = 4

class Reading {
  readonly #found: FoundCsv
  /** Its files, as they were when the reading began. */
  readonly #paths: readonly SourcePath[]
  readonly #indexes: readonly number[]
  readonly #columns: readonly ParseColumn[]
  readonly #job: ParseJob
  readonly #state: ParseJobState
  readonly #arena: Arena
  readonly #opening: OpeningOptions
  readonly #budget: MemoryBudget
  /** What is to be given back to it. */
  #reserved = 0
  readonly #errors: ErrorLog
  readonly #ledger = new Ledger()
  readonly #closing = new AbortController()

  /** @throws MillraceError `MILLRACE_MEMORY_BUDGET`; `MILLRACE_IMPORT_SOURCE` when a file cannot be read */
  constructor(found: FoundCsv, indexes: readonly number[], budget: MemoryBudget, errors: ErrorLog) {
    this.#found = found
    this.#indexes = indexes
    this.#budget = budget
    this.#errors = errors
    this.#columns = columnsToParse(found, indexes)
    const { options, header } = found
    let arena: Arena | undefined
    try {
      const files = findFiles(found.paths, () => {})
      this.#paths = files.paths
      const [ring, ringBytes] = makeRing(files, options, budget)
      this.#reserved = ringBytes
      this.#opening = { options, ring, checksum: null }
      const plan = planOf(found, this.#columns, budget)
      budget.reserve(plan.slotBytes, 'a batch of a CSV file')
      this.#reserved += plan.slotBytes
      const { fieldCount } = header.shape
      this.#job = columnsJob({
        ...{ options, fieldCount, columns: this.#columns, plan },
        // Nobody stops it: who asks for no more rows has stopped it.
        control: new LoadControl(1),
      })
      arena = new Arena(budget, plan.workerBytes)
      this.#arena = arena
      this.#state = new ParseJobState(this.#job, arena, new ColumnEncoder(plan.slotBytes, arena))
    } catch (error) {
      budget.release(this.#reserved + (arena?.sizeBytes ?? 0))
      throw error
    }
  }

  close(): void {
    this.#closing.abort(new Error('the reading has ended'))
    this.#state.close()
    this.#budget.release(this.#reserved + this.#arena.sizeBytes)
  }

  /** The rows of one of the files. */
  *rowsOfFile(index: number): Generator<ExternalBatch> {
    const { signal } = this.#closing
    const { shape } = this.#found.header
    const opening = openFile(this.#paths[index]!, index, this.#opening, signal, shape)
    const source = yield* awaited(opening)
    try {
      yield* this.#rowsOf(source)
      source.input.check()
    } finally {
      source.input.close()
    }
  }

  *#rowsOf(source: OpenedInput): Generator<ExternalBatch> {
    const { input } = source
    const ledger = this.#ledger
    const { blockBytes, maxRowBytes } = this.#job
    for (let start = ledger.enter(source); ; start = ledger.position) {
      const end = start + blockBytes
      const there = yield* awaited(input.waitFor(end + maxRowBytes + 1))
      if (start >= there.bytes) return
      const outcome = this.#state.run(
        {
          kind: 'parse',
          number: 0,
          job: this.#job,
          slot: 0,
          input: input.bytes,
          start,
          exact: true,
          end: Math.min(end, there.bytes),
          inputBytes: there.bytes,
          inputEnded: there.ended,
          midLine: ledger.midLine,
          order: source.order,
          errorsKeptMax: this.#errors.room,
        },
        readInput,
      )
      const failure = this.#errors.add(input.name, ledger, outcome)
      ledger.advance(outcome)
      input.release(ledger.position)
      // Nobody asks where a row came from.
      ledger.beginStretch()
      yield outcome.batch === null ? nothing : this.#batchOf(outcome.batch as ColumnBatch)
      if (failure !== null) throw failure
    }
  }

  #batchOf(batch: ColumnBatch): ExternalBatch {
    const vectors = new CsvBatch(this.#columns, batch, 0, 'number').vectors()
    return { rows: batch.rows, columns: this.#indexes.map((_, at) => narrowed(vectors[at]!)) }
  }
}

function columnsToParse({ columns, header }: FoundCsv, indexes: readonly number[]): ParseColumn[] {
  // Whether a blank line is a record is a matter of the only column there is.
  const parsed = header.shape.fieldCount === 1 ? [0] : indexes
  return parsed.map((csvIndex) => ({ csvIndex, ...columns[csvIndex]!, nullable: true }))
}

function planOf({ options, header }: FoundCsv, columns: readonly ParseColumn[], budget: MemoryBudget) {
  const { maxRowBytes } = options
  return planReading({
    threads: 1,
    blockSize: loadFromBlockBytes,
    batchSize: null,
    recordBytes: header.lineBytes,
    budgetBytes: budget.availableBytes,
    ...{ maxRowBytes, columns },
  })
}
