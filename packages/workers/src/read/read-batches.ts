/**
 * The pipeline of an import that ends in plain columns. Runs on the caller's thread; parsing is done by
 * workers of its own.
 *
 * ```
 *  source ─► coordinator ─► parse workers ─► BatchQueue ─► CsvBatch, for whoever iterates
 *                                ▲                                  │
 *                                └────── memory, with `reuse` ◄─────┘
 * ```
 *
 * Invariants
 * - Nothing is read ahead of whoever iterates but as many batches as there are slots.
 * - The memory of a batch moves from the worker that fills it to whoever iterates; nobody else can see it.
 * - Batches come in file order, and rows before an error come before it is thrown.
 * - However the iteration ends, workers are ended and files closed before it does.
 */
import { type Int64Mode, MemoryBudget } from '@millrace/core/base'
import { LoadControl, SlotPool } from '../batch/index.js'
import type { ErrorKinds } from '../csv/index.js'
import { withGuessedType } from '../errors/index.js'
import {
  Coordinator,
  diagnose,
  ErrorLog,
  type ImportError,
  Ledger,
  ProgressReporter,
  untilAborted,
} from '../import/index.js'
import { errorsKeptMax } from '../limits.js'
import { keepFreedMemory, LetGo } from './batch-memory.js'
import { BatchQueue } from './batch-queue.js'
import { columnsJob } from './columns-job.js'
import { CsvBatch } from './csv-batch.js'
import { closeCsv, type OpenedCsv } from './open-csv.js'
import { planReading, type ReadPlan } from './read-plan.js'

/** What a reader has read. */
export interface CsvReadResult {
  readonly rowsRead: number
  readonly rowsSkipped: number
  /** Of the source as it lies on the disk. */
  readonly bytesProcessed: number
  readonly errorCount: number
  /** Of `errorCount`, by kind; kinds without any are absent. */
  readonly errorKinds: ErrorKinds
  /** When most records were refused: how many, and what may be the reason. */
  readonly warnings: readonly string[]
  /** The first refused records, in file order; at most `errorsKeptMax`. */
  readonly errors: readonly ImportError[]
  readonly elapsedMs: number
  /** Milliseconds that the workers spent, all together. */
  readonly timings: {
    readonly readMs: number
    readonly scanMs: number
    readonly parseMs: number
    readonly encodeMs: number
    readonly waitForSlotsMs: number
    readonly blocksReparsed: number
  }
}

/** How batches are read. */
export interface ReadingOptions {
  readonly int64: Int64Mode
  /** Batches have the same memory in turn. */
  readonly reuse: boolean
  /** Ends the reading with its reason when it is aborted. */
  readonly signal: AbortSignal
  /** Told when all was read. */
  readonly onEnd: (result: CsvReadResult) => void
}

function planOf({ options, feed, columns, ringBytes, blockSize }: OpenedCsv): ReadPlan {
  const { memoryBudget, threads, batchSize, maxRowBytes } = options
  return planReading({
    budgetBytes: memoryBudget - ringBytes,
    recordBytes: feed.current.lineBytes,
    ...{ threads, blockSize, batchSize, maxRowBytes, columns },
  })
}

/** Reads `opened` to its end, and closes it. @throws as iterating a `CsvReader` does */
export async function* readBatches(opened: OpenedCsv, reading: ReadingOptions): AsyncGenerator<CsvBatch> {
  try {
    yield* runPipeline(opened, reading)
  } catch (error) {
    const { guessed, given } = opened
    const remedy = (column: string) => `set types: { ${JSON.stringify(column)}: 'STRING' }`
    throw withGuessedType(error, guessed, (column) => given.has(column), remedy)
  } finally {
    await closeCsv(opened)
  }
}

async function* runPipeline(opened: OpenedCsv, reading: ReadingOptions): AsyncGenerator<CsvBatch> {
  const { options, feed, columns, files } = opened
  const startedAt = performance.now()
  const stopping = new AbortController()
  const onAbort = () => stopping.abort(reading.signal.reason)
  if (reading.signal.aborted) onAbort()
  reading.signal.addEventListener('abort', onAbort)
  const plan = planOf(opened)
  if (!reading.reuse) keepFreedMemory()
  const slots = new SlotPool(plan.slotCount, plan.slotBytes, new MemoryBudget(options.memoryBudget))
  const errors = new ErrorLog({ ...options, keptMax: errorsKeptMax })
  const { onProgress } = options
  const progress = onProgress === null ? null : new ProgressReporter(onProgress, files?.bytes)
  const queue = new BatchQueue()
  const control = new LoadControl(slots.slotCount)
  /** Memory of batches that are gone. */
  const spare: ArrayBuffer[] = []
  const { fieldCount } = feed.current.shape
  const coordinator = new Coordinator({
    feed,
    stretch: null,
    job: columnsJob({ options, fieldCount, columns, plan, control }),
    slots,
    control,
    runTask: (task) => {
      const memory = spare.pop()
      return opened.pool.run(memory === undefined ? task : { ...task, memory })
    },
    receiver: queue,
    errors,
    onRefused: null,
    ledger: new Ledger(),
    onBatch: (rows, skipped, bytes) => progress?.add(rows, skipped, bytes),
    signal: stopping.signal,
  })
  const { dataStart } = feed.current
  const running = coordinator.run().then(
    () => queue.end(),
    (error) => queue.fail(error),
  )
  const letGo = new LetGo()
  let rows = 0
  try {
    for (;;) {
      const batch = await untilAborted(queue.next(), stopping.signal)
      if (batch === undefined) break
      yield new CsvBatch(columns, batch, rows, reading.int64)
      rows += batch.rows
      if (reading.reuse) spare.push(batch.memory)
      else letGo.add(batch.memory.byteLength)
    }
    feed.check()
    const { rows: rowsRead, skipped, bytes, blocksReparsed, ...spent } = coordinator.totals
    reading.onEnd({
      rowsRead,
      rowsSkipped: skipped,
      bytesProcessed: files?.bytes ?? dataStart + bytes,
      errorCount: errors.count,
      errorKinds: errors.kinds,
      warnings: diagnose(rowsRead, errors, options.dialect),
      errors: errors.kept,
      elapsedMs: performance.now() - startedAt,
      timings: { ...spent, waitForSlotsMs: slots.waitedMs, blocksReparsed },
    })
  } finally {
    reading.signal.removeEventListener('abort', onAbort)
    stopping.abort(new Error('the reader is closed'))
    queue.abandon()
    await running
  }
}
