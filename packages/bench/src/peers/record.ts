/** What the peers' bench keeps as JSON. */
import type { RecordOptions } from '../import/index.js'
import type { Machine } from '../report/index.js'
import type { CaseName } from '../workloads/index.js'
import type { Pairs } from './pairs.js'

export interface PeerCaseRecord {
  readonly name: CaseName
  readonly title: string
  readonly rows: number
  readonly inputBytes: number
  readonly pairs: readonly Pairs[]
  /** Rivals that could not do it, with the reason. Nothing of theirs was timed. */
  readonly failures: readonly { readonly rival: string; readonly reason: string }[]
}

export interface PeersRecord {
  readonly startedAt: string
  readonly machine: Machine
  readonly options: RecordOptions
  /** Peers that could not be installed or loaded here, with the reason. */
  readonly unavailable: readonly { readonly rival: string; readonly reason: string }[]
  readonly cases: readonly PeerCaseRecord[]
}
