/**
 * Reads the rows of CSV files one block after the other, on the caller's thread.
 *
 * Invariants
 * - A block is read when its rows are asked for. One file is open at a time, and none when the reading ends,
 *   however it does.
 * - Errors are those of COPY: the first refused record in file order, behind the rows before it.
 * - Memory: a WebAssembly memory and a slot, reserved for as long as the reading goes on; a batch is whose it
 *   is given to.
 */
import { Arena, type MemoryBudget } from '@millrace/core/internal'
import type { ExternalBatch } from '@millrace/core/query'
import { type ColumnBatch, LoadControl } from '../batch/index.js'
import type { ParseColumn } from '../csv/index.js'
import { withGuessedType, workersError } from '../errors/index.js'
import { ErrorLog, Ledger, type OpenedInput, openPlainFile, requireSameColumns } from '../import/index.js'
import { errorsKeptMax, loadFromBlockBytes } from '../limits.js'
import { CsvBatch, columnsJob, planReading } from '../read/index.js'
import { type ParseJob, ParseJobState, readInput } from '../threads/index.js'
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
    for (const [index, path] of found.paths.entries()) {
      const source = openPlainFile(path, index, found.options)
      try {
        requireSameColumns(source.shape, found.shape)
        if (index === 0) requireUnchanged(source, found)
        yield* reading.rowsOf(source)
        source.input.check()
      } finally {
        source.input.close()
      }
    }
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

function requireUnchanged({ input }: OpenedInput, { size, shape }: FoundCsv): void {
  if (input.size === size) return
  throw workersError('MILLRACE_SOURCE_CHANGED', { source: shape.file, before: size, now: input.size ?? 0 })
}

class Reading {
  readonly #indexes: readonly number[]
  readonly #columns: readonly ParseColumn[]
  readonly #job: ParseJob
  readonly #state: ParseJobState
  readonly #arena: Arena
  readonly #slot: SharedArrayBuffer
  readonly #budget: MemoryBudget
  readonly #errors: ErrorLog
  readonly #ledger = new Ledger()

  /** @throws MillraceError `MILLRACE_MEMORY_BUDGET` */
  constructor(found: FoundCsv, indexes: readonly number[], budget: MemoryBudget, errors: ErrorLog) {
    this.#indexes = indexes
    this.#budget = budget
    this.#errors = errors
    this.#columns = columnsToParse(found, indexes)
    const plan = planOf(found, this.#columns, budget)
    budget.reserve(plan.slotBytes, 'a batch of a CSV file')
    this.#slot = new SharedArrayBuffer(plan.slotBytes)
    const { options, shape } = found
    this.#job = columnsJob({
      ...{ options, fieldCount: shape.fieldCount, columns: this.#columns, plan, slots: this.#slot },
      // Nobody stops it: who asks for no more rows has stopped it.
      control: new LoadControl(1),
    })
    let arena: Arena | undefined
    try {
      arena = new Arena(budget, plan.workerBytes)
      this.#state = new ParseJobState(this.#job, arena)
      this.#arena = arena
    } catch (error) {
      budget.release(plan.slotBytes + (arena?.sizeBytes ?? 0))
      throw error
    }
  }

  close(): void {
    this.#state.close()
    this.#budget.release(this.#slot.byteLength + this.#arena.sizeBytes)
  }

  *rowsOf(source: OpenedInput): Generator<ExternalBatch> {
    const { input } = source
    const size = input.size ?? 0
    const ledger = this.#ledger
    for (let start = ledger.enter(source); start < size; start = ledger.position) {
      const outcome = this.#state.run(
        {
          kind: 'parse',
          number: 0,
          job: this.#job,
          slot: 0,
          input: input.bytes,
          start,
          exact: true,
          end: Math.min(start + this.#job.blockBytes, size),
          inputBytes: size,
          inputEnded: true,
          midLine: ledger.midLine,
        },
        readInput,
      )
      const failure = this.#errors.add(input.name, ledger, outcome)
      ledger.advance(outcome)
      // Nobody asks where a row came from.
      ledger.beginStretch()
      yield outcome.batch === null ? nothing : this.#batchOf(outcome.batch as ColumnBatch)
      if (failure !== null) throw failure
    }
  }

  /** The slot's content, copied: the slot is the next block's. */
  #batchOf(batch: ColumnBatch): ExternalBatch {
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(batch.bytes).buffer)
    bytes.set(new Uint8Array(this.#slot, 0, batch.bytes))
    const vectors = new CsvBatch(this.#columns, batch, bytes, 0, 'number').vectors()
    return { rows: batch.rows, columns: this.#indexes.map((_, at) => narrowed(vectors[at]!)) }
  }
}

function columnsToParse({ columns, shape }: FoundCsv, indexes: readonly number[]): ParseColumn[] {
  // Whether a blank line is a record is a matter of the only column there is.
  const parsed = shape.fieldCount === 1 ? [0] : indexes
  return parsed.map((csvIndex) => ({ csvIndex, ...columns[csvIndex]!, nullable: true }))
}

function planOf({ options, lineBytes }: FoundCsv, columns: readonly ParseColumn[], budget: MemoryBudget) {
  const { maxRowBytes } = options
  return planReading({
    threads: 1,
    blockSize: loadFromBlockBytes,
    batchSize: null,
    recordBytes: lineBytes,
    budgetBytes: budget.availableBytes,
    ...{ maxRowBytes, columns },
  })
}
