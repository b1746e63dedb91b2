/**
 * Everything that passes between threads: who sends what to whom, in which order, and which memory is shared.
 *
 * ```
 *  caller's thread                      parse worker (piscina)             writer thread (comlink)
 *  coordinator ── ParseTask ──────────► reads, parses, encodes
 *              ◄─ ParseOutcome ──────── leaves the batch in its slot
 *              ── appendNodes/appendRels(batch, slot) ───────────────────► writes the slot's bytes to pages
 *              ◄─ reply: the slot is free again ─────────────────────────
 *
 *  without a database:
 *              ── ParseTask (memory) ─► reads, parses, encodes into the memory of an earlier batch, or new one
 *              ◄─ MovedMemory, ParseOutcome ── the batch is whose it is given to; the slot is but a credit
 *
 *  relationships, before their load is planned:
 *              ── lookAtKeys ────────────────────────────────────────────► reads a sample
 *              ◄─ KeyAnswers ────────────────────────────────────────────
 *
 *  relationships, each side in turn:
 *              ── beginSide ─────────────────────────────────────────────► plans units
 *              ◄─ CsrSidePlan ───────────────────────────────────────────
 *              ── BuildTask ──────────► reads chunks, sorts, encodes
 *              ◄─ BuildOutcome ──────── leaves pages in its slot
 *              ── placeUnit(built, slot) ────────────────────────────────► writes pages, spools the other side
 *              ◄─ reply: the slot is free again ─────────────────────────
 *
 *  a small input, for which no other thread is worth starting:
 *              ── parse(ParseTask) ──────────────────────────────────────► reads, parses, encodes into the slot
 *              ◄─ ParseOutcome ──────────────────────────────────────────  (append follows, as above)
 *
 *  nodes, when errors are ignored:
 *              ── leaveOutDuplicates ────────────────────────────────────► keys compared, groups written again
 *              ◄─ DuplicateRows ─────────────────────────────────────────  (places are found: `import/row-finder.ts`)
 *
 *              ── finishLoad ────────────────────────────────────────────► index, log: the commit
 *              ◄─ the catalog change, as bytes ──────────────────────────
 *
 *  small writes, gathered on the caller's thread:
 *              ── commitWrites(the writes of one or many statements) ────► log: the commit
 *              ◄─ and what a checkpoint made of them, when there was one ─
 *
 *  a transaction that makes, drops or fills tables:
 *              ── beginChanges, then addWrites, mergeWrites, createTable, dropTable, beginLoad … finishLoad ─►
 *              ◄─ each with the change that it made, which nobody else sees ─
 *              ── commitChanges or rollbackChanges ──────────────────────► log: the commit of all of them
 * ```
 *
 * Invariants
 * - The slots are one SharedArrayBuffer of `slotCount × slotBytes`. A slot has exactly one owner at a time:
 *   the coordinator (free), the worker whose task names it (being filled), the coordinator again (filled,
 *   waiting for its turn), the writer (being written). Ownership moves with a message, and a message orders
 *   the memory: no word of a slot is read by one thread while another may write it, so slots need no Atomics.
 * - Batches reach the writer in file order. The writer handles one call at a time, so the order of calls is
 *   the order of rows.
 * - Spooled chunks lie in one SharedArrayBuffer that the writer fills. While a side is built, workers read
 *   the blocks of the units they were given, and the writer touches none of these before it takes the unit.
 *   So they need no Atomics either.
 * - Units are placed in their order, and a unit that a worker could not build is built by the writer: what is
 *   written does not depend on the workers.
 * - Whether a load goes on is said by its control words (`batch/load-control.ts`), which all threads ask
 *   between steps of their work: a message would wait behind the work that it is to stop.
 * - The buffer pool is another shared memory; its protocol is its own (`BufferPool` in core).
 * - Errors cross as plain data (`ErrorWire`), never as Error objects, so that codes and details survive.
 */
import type {
  BuiltUnit,
  Compaction,
  CsrSide,
  CsrSidePlan,
  CsrUnit,
  DuplicateRows,
  ErrorDetails,
  KeyPacking,
  LoadProgress,
  RelPartitioning,
  TableSchema,
} from '@millrace/core/internal'
import type { EncodedBatch, StoreBatch } from '../batch/index.js'
import type { CsvError, Dialect, ErrorKinds } from '../csv/index.js'
import type { EncoderJob } from '../sink/index.js'

/**
 * Where the bytes of an input come from. File descriptors belong to the process, so workers can use the
 * caller's.
 */
export type InputBytes =
  | { readonly kind: 'file'; readonly descriptor: number; readonly path: string }
  /**
   * Byte p of the input is at `p % ring.byteLength`, for the window of bytes the coordinator has announced by
   * the task.
   */
  | { readonly kind: 'ring'; readonly ring: SharedArrayBuffer }

/** What stays the same for all blocks of one import. A worker keeps its set-up while `id` stays the same. */
export interface ParseJob extends EncoderJob {
  readonly id: number
  /** Grows when blocks are parsed again after units were built: nothing is kept but the memory. */
  readonly stretch: number
  readonly dialect: Dialect
  /** Fields of a record. */
  readonly fieldCount: number
  /** Outcomes say where each row begins. */
  readonly notesPlaces: boolean
  readonly maxRowBytes: number
  readonly blockBytes: number
  /** Bytes of the worker's region for texts that had escapes; 0: they stay in the input. */
  readonly textBytes: number
  /** Null for plain columns, whose batches bring memory of their own. */
  readonly slots: SharedArrayBuffer | null
  readonly slotBytes: number
  /** Bytes at the end of a slot for refused records (`csv/refused-log.ts`); 0: they are not written down. */
  readonly refusedBytes: number
  /** Bytes of this worker's WebAssembly memory at most. */
  readonly workerBytes: number
  /** The load's control words (`batch/load-control.ts`). */
  readonly control: Int32Array
}

/** What a parse worker is started with. */
export interface ParseWorkerData {
  /** Word 0 counts the workers that have loaded their modules; each adds 1, with Atomics. */
  readonly loaded: Int32Array
}

/** One block, or what is left of it. Positions are bytes from the start of the input. */
export interface ParseTask {
  readonly kind: 'parse'
  readonly job: ParseJob
  readonly slot: number
  /** What the worker must take from the slot's control word before it begins. */
  readonly number: number
  readonly input: InputBytes
  /** First byte of the block, or the known start of its first record. */
  readonly start: number
  /** True when `start` is known to begin a record; false: the worker finds the first one itself. */
  readonly exact: boolean
  /** The block's end: records that begin before it belong to it. */
  readonly end: number
  /** Bytes of the input that are there to be read; its size when `inputEnded`. */
  readonly inputBytes: number
  readonly inputEnded: boolean
  /** `start` is in the middle of a line that is given up. */
  readonly midLine: boolean
  /** Where the fields of the job's columns stand in these records; null: where the job says. */
  readonly order: Uint32Array | null
  /** Errors that are to be described, at most. */
  readonly errorsKeptMax: number
  /** Plain columns: the memory of a batch that is not needed any more, to be filled again. It moves. */
  readonly memory?: ArrayBuffer
}

/**
 * The memory of a batch of plain columns: a message by itself, because the pool copies what it answers. It is
 * sent before the answer, in which the batch has none.
 */
export interface MovedMemory {
  /** Of the task. */
  readonly slot: number
  readonly memory: ArrayBuffer
}

/**
 * What a parse worker answers. Positions are bytes from the start of the input, rows and lines count from the
 * task's start.
 */
export interface ParseOutcome {
  /**
   * Where the first record of the block begins; equal to the end of the block before, or the guess was wrong.
   */
  readonly start: number
  /** Behind the last record that was consumed. */
  readonly end: number
  readonly rows: number
  readonly records: number
  readonly skipped: number
  /** Physical line ends in [start, end). */
  readonly lines: number
  /** False: records of this block are left, from `end` on. */
  readonly done: boolean
  /** `end` is in the middle of a line that is given up: what follows goes on from there. */
  readonly midLine: boolean
  /** `byteOffset` counts from the start of the input; `row` and `line` from `start`. */
  readonly errors: readonly CsvError[]
  readonly errorCount: number
  readonly errorKinds: ErrorKinds
  /** All refused records, where they are written down. */
  readonly refused: RefusedInSlot | null
  /** Null when there is no row. */
  readonly batch: EncodedBatch | null
  /** Where the rows begin, counted from `start` (`RowPlaceCursor`); null unless the job asks for it. */
  readonly places: Uint8Array | null
  readonly timings: ParseTimings
}

/** Refused records of a batch. Their places count as those of errors do. */
export interface RefusedInSlot {
  /** Bytes of the entries (`csv/refused-log.ts`), from where the slot's last `refusedBytes` begin. */
  readonly bytes: number
  readonly apart: readonly CsvError[]
}

/** Milliseconds a parse worker spent on a task. */
export interface ParseTimings {
  readonly readMs: number
  readonly scanMs: number
  readonly parseMs: number
  readonly encodeMs: number
}

/** A unit of one side of the relationships, to be built into a slot. */
export interface BuildTask {
  readonly kind: 'build'
  readonly job: ParseJob
  readonly slot: number
  /** As that of a `ParseTask`. */
  readonly number: number
  readonly side: CsrSide
  readonly unit: CsrUnit
}

export interface BuildOutcome {
  /** Null when it does not fit into the slot, or the worker's memory: the writer builds it. */
  readonly built: BuiltUnit | null
  readonly buildMs: number
}

export type WorkerTask = ParseTask | BuildTask

/** An error on its way between threads. */
export interface ErrorWire {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  readonly details: ErrorDetails
}

export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorWire }

export interface OpenRequest {
  readonly path: string
  /** Bytes of the buffer pool, which the writer makes: the caller's thread is still loading what does. */
  readonly poolBytes: number
  /** Bytes of memory that checkpoints should keep to: those of imports, which never run at the same time. */
  readonly mergeBytes: number
}

/** What is committed, and the memory that all threads read pages through. */
export interface OpenReply {
  /** The file's real path. */
  readonly path: string
  readonly pool: SharedArrayBuffer
  /** The encoded catalog. */
  readonly catalog: Uint8Array
  /** Small writes above it (`encodeDelta`), where there was no room to make segments of them. */
  readonly writes: Uint8Array
}

export interface LoadRequest {
  readonly table: string
  readonly slots: SharedArrayBuffer
  readonly slotBytes: number
  /** Bytes the load may hold: key hashes, spools, sorting. */
  readonly budgetBytes: number
  /** Relationships: bytes of memory for building a unit. */
  readonly unitBytes: number
  /** Nodes: leave rows out whose keys are there already, instead of refusing the load. */
  readonly skipDuplicates: boolean
  /** It ends with `discardLoad`. */
  readonly isDryRun: boolean
  /** The load's control words. */
  readonly control: Int32Array
}

export interface LoadStarted {
  /** Of a relationship table. */
  readonly partitioning: RelPartitioning | null
}

/** The commit of a load. */
export interface FinishRequest extends CommitRequest {
  /** What the table remembers of it, when it is recorded. */
  readonly progress?: LoadProgress
}

export interface CommitReply {
  /** The encoded change that every thread applies to its own state. Null when there was none. */
  readonly change: Uint8Array | null
  /**
   * The encoded change that put segments in the place of small writes, to be applied behind `change`; null
   * when there was no checkpoint, or nothing to merge.
   */
  readonly merged: Uint8Array | null
}

/** Of a load. */
export interface LoadReply extends CommitReply {
  /** Milliseconds in which keys were checked and indexed, and what was left of relationships was written. */
  readonly indexMs: number
  /** Milliseconds of the commit: pages synced, log written and synced. */
  readonly commitMs: number
}

export interface CommitRequest {
  /** The oldest catalog version a running query still reads; pages it may need are not used again. */
  readonly oldestVersionInUse: number
}

export interface CheckpointRequest extends CommitRequest {
  /** How much is done so that tables have few, full parts. */
  readonly compaction: Compaction
}

/** What keys of a node table look like: as much of it as was asked for. */
export interface KeyAnswers {
  /** Whether they have codes, where the catalog says that they may. */
  readonly hasCodes?: boolean
  /** How they can be packed; null: not at all. */
  readonly packing?: KeyPacking | null
  /** Bytes that reading the largest of their segments takes. */
  readonly readBytes?: number
}

export interface KeysRequest {
  readonly table: string
  readonly asked: readonly (keyof KeyAnswers)[]
  /** Bytes that reading a sample of them may take. */
  readonly budgetBytes: number
}

/** The calls the writer thread answers, one at a time and in order. None is made per row. */
export interface WriterCalls {
  /** Opens (creating, recovering) the database. */
  open(request: OpenRequest): Promise<Reply<OpenReply>>
  /** Commits small writes, encoded; the caller knows their change. */
  commitWrites(writes: Uint8Array, request: CommitRequest): Promise<Reply<CommitReply>>
  /** From here on, changes are made for a transaction, until `commitChanges` or `rollbackChanges`. */
  beginChanges(): Promise<Reply<null>>
  /** The transaction's small writes so far: what follows is made above them. */
  addWrites(writes: Uint8Array): Promise<Reply<null>>
  /** Makes segments of all small writes, as the transaction sees them; null when there were none. */
  mergeWrites(): Promise<Reply<Uint8Array | null>>
  /** Commits the transaction: its changes, and `writes` behind them. */
  commitChanges(writes: Uint8Array, request: CommitRequest): Promise<Reply<CommitReply>>
  rollbackChanges(): Promise<Reply<null>>
  createTable(schema: TableSchema, request: CommitRequest): Promise<Reply<CommitReply>>
  dropTable(table: string, request: CommitRequest): Promise<Reply<CommitReply>>
  /** Looks at keys for the plan of a load. */
  lookAtKeys(request: KeysRequest): Promise<Reply<KeyAnswers>>
  beginLoad(request: LoadRequest): Promise<Reply<LoadStarted>>
  /**
   * Parses a block on the writer thread itself; the job's memory is given up with the load. The slot belongs
   * to the writer until the reply.
   */
  parse(task: ParseTask): Promise<Reply<ParseOutcome>>
  /** The slot belongs to the writer until the reply. */
  append(batch: StoreBatch, slot: number): Promise<Reply<null>>
  /** Relationships: goes on to the next side; null when both are built. */
  beginSide(): Promise<Reply<CsrSidePlan | null>>
  /** The slot belongs to the writer until the reply. */
  placeUnit(unit: number, built: BuiltUnit, slot: number): Promise<Reply<null>>
  /** Builds a unit that no worker could. */
  buildUnit(unit: number): Promise<Reply<null>>
  /**
   * Nodes, when all batches were taken: leaves out rows whose keys are there already, and says which; null
   * when there are none. Unless the load is to skip them, the first of them is an error.
   * @param valuesMax keys that are told
   */
  leaveOutDuplicates(valuesMax: number): Promise<Reply<DuplicateRows | null>>
  finishLoad(request: FinishRequest): Promise<Reply<LoadReply>>
  /** As `finishLoad`, but in place of the commit all of the load is given back. */
  discardLoad(): Promise<Reply<{ readonly indexMs: number }>>
  abortLoad(): Promise<Reply<null>>
  checkpoint(request: CheckpointRequest): Promise<Reply<CommitReply>>
  close(): Promise<Reply<null>>
}
