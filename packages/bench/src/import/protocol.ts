/**
 * What passes between the harness and the fresh process of a run: one request as the process's only argument,
 * one answer by IPC. A contender is a module that obeys this. Millrace's is `child.ts`; those of the peers
 * lie in `packages/bench/peers`.
 */
import type { Check, TableDescription } from '../workloads/index.js'

export interface EngineOptions {
  /** Parse threads; absent: the engine's default. */
  readonly threads?: number
  /** Bytes; absent: the engine's default. */
  readonly memoryBudget?: number
}

interface RequestBase {
  /** A file in a folder of its own, where the engine may put others beside it. */
  readonly databasePath: string
  readonly csvPath: string
  readonly table: TableDescription
}

export interface ImportRequest extends RequestBase {
  readonly action: 'import'
  readonly engine: EngineOptions
}

export interface CheckRequest extends RequestBase {
  readonly action: 'check'
  readonly rows: number
  /** Sums over columns, by their names in the CSV. */
  readonly sums: Readonly<Record<string, number>>
  /** Questions in Cypher; they ask for the rows and sums, too. */
  readonly checks: readonly Check[]
}

export type ChildRequest = ImportRequest | CheckRequest

/** One import, as its process saw it. */
export interface ImportAnswer {
  /** From before the database is opened to the durable commit. */
  readonly importMs: number
  /** Closing: checkpoint included. */
  readonly closeMs: number
  /** Most memory the whole process ever held, as GNU `time -v` has it. */
  readonly peakRssBytes: number
  /** Processor time of all threads, from the start of the process on. */
  readonly cpuMs?: number
  /** Bytes that came from the disk, not from the page cache; absent where nobody tells. */
  readonly readBytes?: number
  /** Bytes that the process caused to be written to the disk; absent where the system does not tell. */
  readonly writtenBytes?: number
  /** Where the engine says the time went, in milliseconds; empty when it says nothing. */
  readonly timings: Readonly<Record<string, number>>
}

export interface CheckAnswer {
  /** What was asked and answered wrongly; empty when all is right. */
  readonly mistakes: readonly string[]
}

export type ChildAnswer = ImportAnswer | CheckAnswer
