/**
 * What passes between the harness and the fresh process of a run: one request as the process's only argument,
 * one answer by IPC. A contender is a module that obeys this; Millrace's is `child.ts`.
 */
import type { Check } from '../workloads/index.js'

export interface EngineOptions {
  /** Parse threads; absent: the engine's default. */
  readonly threads?: number
  /** Bytes; absent: the engine's default. */
  readonly memoryBudget?: number
}

export interface ImportRequest {
  readonly action: 'import'
  readonly databasePath: string
  readonly csvPath: string
  readonly table: string
  readonly createStatement: string
  readonly engine: EngineOptions
}

export interface CheckRequest {
  readonly action: 'check'
  readonly databasePath: string
  readonly checks: readonly Check[]
}

export type ChildRequest = ImportRequest | CheckRequest

/** One import, as its process saw it. */
export interface ImportAnswer {
  readonly rows: number
  /** From before the database is opened to the durable commit. */
  readonly importMs: number
  /** Closing: checkpoint included. */
  readonly closeMs: number
  /** Most memory the whole process ever held. */
  readonly peakRssBytes: number
  /** Bytes that the process caused to be written to the disk; absent where the system does not tell. */
  readonly writtenBytes?: number
  /** Where the engine says the time went, in milliseconds. */
  readonly timings: Readonly<Record<string, number>>
}

export interface CheckAnswer {
  /** What was asked and answered wrongly; empty when all is right. */
  readonly mistakes: readonly string[]
}

export type ChildAnswer = ImportAnswer | CheckAnswer
