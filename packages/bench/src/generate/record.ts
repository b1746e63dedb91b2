/** What the bench of synthetic data keeps as JSON. */
import type { RecordOptions } from '../import/index.js'
import type { Machine } from '../report/index.js'

export const generateCaseNames = ['csv', 'copy', 'sql', 'file', 'large'] as const
export type GenerateCaseName = (typeof generateCaseNames)[number]

/** One generation, in a process of its own. */
export interface GenerateRun {
  /** From the schema that is read to the last byte that is written. */
  readonly elapsedMs: number
  /** The whole process. */
  readonly processMs: number
  readonly peakRssBytes: number
  readonly cpuMs: number
}

export interface GeneratePoint {
  readonly name: GenerateCaseName
  readonly title: string
  readonly rows: number
  readonly bytes: number
  readonly runs: readonly GenerateRun[]
  /** The median of the runs. */
  readonly elapsedMs: number
  readonly processMs: number
  readonly cpuMs: number
  readonly peakRssBytesMax: number
}

export interface GenerateRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions
  readonly points: readonly GeneratePoint[]
}
