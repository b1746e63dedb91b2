/** What the bench of reading keeps as JSON. */
import type { RecordOptions } from '../import/index.js'
import type { Machine } from '../report/index.js'
import type { CaseName } from '../workloads/index.js'
import type { ReadAnswer } from './protocol.js'

export interface ReadRun extends ReadAnswer {
  /** Process start to exit. */
  readonly processMs: number
}

/** Medians of a reader's runs. */
export interface ReadMedians {
  readonly readMs: number
  readonly processMs: number
  readonly cpuMs: number
  readonly peakRssBytes: number
}

/** How many times as much the rival needs: medians of the ratios of the pairs. */
export interface ReadRatios {
  readonly readTime: number
  readonly readTimeMin: number
  readonly readTimeMax: number
  /** Process start to exit. */
  readonly processTime: number
}

export interface ReadSide {
  readonly runs: readonly ReadRun[]
  readonly medians: ReadMedians
}

export interface ReadPairs {
  readonly rival: { readonly name: string; readonly title: string }
  readonly ours: ReadSide
  readonly theirs: ReadSide
  readonly ratios: ReadRatios
}

export interface ReadCaseRecord {
  readonly name: CaseName
  readonly title: string
  readonly rows: number
  readonly inputBytes: number
  readonly pairs: readonly ReadPairs[]
  /** Rivals that could not do it, with the reason. Nothing of theirs was timed. */
  readonly failures: readonly { readonly rival: string; readonly reason: string }[]
}

/** `readCsv` on a file of this size. */
export interface ReadSize extends ReadSide {
  readonly rows: number
  readonly inputBytes: number
  /** The most of all runs. */
  readonly peakRssBytesMax: number
}

export interface ReadRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions
  /** Peers that could not be installed or loaded here, with the reason. */
  readonly unavailable: readonly { readonly rival: string; readonly reason: string }[]
  readonly cases: readonly ReadCaseRecord[]
  readonly sizes: readonly ReadSize[]
}
