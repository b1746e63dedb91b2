/**
 * What passes between the bench and the fresh process of a reader: one request as the process's only
 * argument, one answer by IPC. Millrace's is `child.ts`; those of others lie in `packages/bench/peers`.
 */

interface RequestBase {
  readonly csvPath: string
  /** `readCsv` alone: its option. */
  readonly reuse: boolean
}

/** Reads the file to its end, and counts its records. */
export interface ReadRequest extends RequestBase {
  readonly action: 'read'
}

/** Reads it likewise, and adds up columns. */
export interface SumRequest extends RequestBase {
  readonly action: 'sum'
  /** Names of columns of numbers. */
  readonly columns: readonly string[]
}

export interface ReadAnswer {
  readonly rows: number
  /** From before the reader is loaded to the last record. */
  readonly readMs: number
  /** Most memory the whole process ever held. */
  readonly peakRssBytes: number
  /** Processor time of all threads, from the start of the process on. */
  readonly cpuMs: number
}

export interface SumAnswer {
  readonly rows: number
  readonly sums: Readonly<Record<string, number>>
}
