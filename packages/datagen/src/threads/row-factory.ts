/**
 * Makes the rows of documents in workers, and hands them out in order.
 *
 * Invariants
 * - At most `tasksPerJob` slots a worker exist. A task is sent out only with a free slot in hand, and a slot
 *   is free again when its bytes were taken: that is all of back-pressure, and all of the bound on memory.
 * - The bytes do not depend on how rows are divided among tasks, nor on who makes them.
 */
import { fileURLToPath } from 'node:url'
import type { Piscina } from 'piscina'
import { datagenError } from '../errors/index.js'
import type { Piece } from '../formats/index.js'
import { taskBytes, taskRowsMax, tasksPerJob, workerYoungGenerationMb } from '../limits.js'
import type { Table } from '../schema/index.js'
import type { RowsOutcome, RowsTask, WorkerPlan } from './protocol.js'

/** Bytes to be written next; theirs is the memory only until the next ones are asked for. */
export interface Chunk {
  readonly bytes: Uint8Array
  /** Rows in it. */
  readonly rows: number
  readonly table?: string
}

/** Rows of the first task of a table, of which it is not known how many bytes they take. */
const firstTaskRows = 8

/** Room of a slot beyond `taskBytes`: rows are not all of one size. */
const slotBytes = Math.ceil(taskBytes * 1.25)

interface Pending {
  readonly rows: number
  readonly table: Table
  readonly outcome: Promise<RowsOutcome>
}

/** Makes the bytes of documents, in order. */
export interface RowMaker {
  /**
   * The bytes of `pieces`, in order.
   * @throws MillraceError `MILLRACE_DATAGEN_WORKER`; the signal's reason when it is aborted
   */
  run(pieces: readonly Piece[], signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined>
  close(): Promise<void>
}

export class RowFactory implements RowMaker {
  readonly #pool: Piscina<RowsTask, RowsOutcome>
  /** Rejects the tasks under way. */
  readonly #waiting = new Set<(reason: Error) => void>()
  readonly #free: SharedArrayBuffer[] = []
  readonly #slotsMax: number
  #slots = 0
  /** Bytes of a row, by table, as far as seen. */
  readonly #rowBytes = new Map<Table, number>()

  static async start(plan: WorkerPlan, jobs: number): Promise<RowFactory> {
    const { Piscina } = await import('piscina')
    return new RowFactory(plan, jobs, Piscina)
  }

  private constructor(plan: WorkerPlan, jobs: number, Pool: typeof Piscina) {
    this.#slotsMax = jobs * tasksPerJob
    this.#pool = new Pool<RowsTask, RowsOutcome>({
      filename: fileURLToPath(new URL('./generate-worker.js', import.meta.url)),
      minThreads: jobs,
      maxThreads: jobs,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: workerYoungGenerationMb },
      workerData: plan,
    })
    // A worker that fails outside of a task leaves those that it was to run without an answer. An answer that
    // arrives while the pool is closed is an error of the pool, too; nobody waits for it then.
    this.#pool.on('error', (error) => {
      for (const reject of this.#waiting) reject(error)
    })
  }

  async *run(pieces: readonly Piece[], signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    const pending: (Pending | Chunk)[] = []
    const ahead = this.#tasks(pieces)
    let isDone = false
    try {
      for (;;) {
        signal?.throwIfAborted()
        while (!isDone && (this.#free.length > 0 || this.#slots < this.#slotsMax)) {
          const next = ahead.next()
          if (next.done === true) isDone = true
          else pending.push(next.value)
        }
        const head = pending.shift()
        if (head === undefined) return
        if ('bytes' in head) {
          yield head
          continue
        }
        const { length, slot } = await head.outcome.catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error)
          throw datagenError('MILLRACE_DATAGEN_WORKER', { reason }, { cause: error })
        })
        this.#learn(head.table, length / head.rows)
        yield { bytes: new Uint8Array(slot, 0, length), rows: head.rows, table: head.table.name }
        this.#free.push(slot)
      }
    } finally {
      // Whoever stops early leaves tasks behind; their slots are used by none.
      for (const task of pending) if ('outcome' in task) task.outcome.catch(() => undefined)
    }
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  /** Texts, and tasks that were sent out; each step takes a free slot. */
  *#tasks(pieces: readonly Piece[]): Generator<Pending | Chunk, void, undefined> {
    for (const piece of pieces) {
      if (piece.kind === 'text') {
        yield { bytes: Buffer.from(piece.text), rows: 0 }
        continue
      }
      const { table, projection } = piece
      const task = { table: table.name, projection }
      for (let first = piece.first; first < piece.end; ) {
        const rows = Math.min(piece.end - first, this.#rowsOfTask(table))
        yield {
          rows,
          table,
          outcome: this.#send({ ...task, first, end: first + rows, slot: this.#takeSlot() }),
        }
        first += rows
      }
    }
  }

  #send(task: RowsTask): Promise<RowsOutcome> {
    let fail: (reason: Error) => void = () => {}
    const failure = new Promise<never>((_, reject) => {
      fail = reject
      this.#waiting.add(reject)
    })
    const answer = Promise.race([this.#pool.run(task), failure])
    const outcome = answer.finally(() => this.#waiting.delete(fail))
    // It is awaited in its turn; a failure meanwhile must not count as one that nobody saw.
    outcome.catch(() => undefined)
    return outcome
  }

  #takeSlot(): SharedArrayBuffer {
    const free = this.#free.pop()
    if (free !== undefined) return free
    this.#slots++
    return new SharedArrayBuffer(slotBytes)
  }

  #rowsOfTask(table: Table): number {
    const rowBytes = this.#rowBytes.get(table)
    if (rowBytes === undefined) return firstTaskRows
    return Math.max(1, Math.min(taskRowsMax, Math.floor(taskBytes / rowBytes)))
  }

  #learn(table: Table, rowBytes: number): void {
    this.#rowBytes.set(table, Math.max(1, rowBytes, this.#rowBytes.get(table) ?? 0))
  }
}
