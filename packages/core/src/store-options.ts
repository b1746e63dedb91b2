/** What a store is opened with, what its checkpoints are told, and what an open found. */
import type { BufferPool } from './buffer/index.js'
import type { FileSystem } from './io/index.js'
import type { Compaction } from './table/index.js'

export interface StoreOptions {
  /** Default: the files of this machine. */
  readonly fileSystem?: FileSystem
  /** Opens without lock and without touching anything; the log is replayed in memory. */
  readonly readOnly?: boolean
  readonly pool: BufferPool
  /** Bytes of memory that checkpoints should keep to. Default `mergeBytesMax`. */
  readonly mergeBytes?: number
}

export interface VersionsInUse {
  /**
   * The oldest catalog version that a reader still uses; pages it reaches are not used again. Default: the
   * newest.
   */
  readonly oldestVersionInUse?: number
}

export interface CommitOptions extends VersionsInUse {
  /**
   * Called when all pages are durable, before anything is logged: the last moment to call the commit off, by
   * throwing.
   */
  readonly confirm?: () => void
}

export interface CheckpointOptions extends VersionsInUse {
  /** What is made smaller and fewer besides. Default: nothing. */
  readonly compaction?: Compaction
}

/** What an open found; shown by `inspect`, asserted by tests. */
export interface RecoveryReport {
  readonly checkpointNumber: number
  readonly replayedTransactions: number
  readonly droppedLogBytes: number
  readonly superblockRepaired: boolean
  /** The page of a superblock that was found damaged, or null: the other one ruled. */
  readonly damagedSuperblock: number | null
}
