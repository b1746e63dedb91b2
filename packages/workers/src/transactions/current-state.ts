/**
 * What is committed, as this thread sees it: the newest snapshot, who still reads older ones, and whether the
 * last commit is in doubt.
 *
 * Invariants
 * - A snapshot that somebody reads never changes: it is held until the reading is released.
 * - After a commit in doubt nothing is read or written any more.
 */
import {
  type Catalog,
  type CatalogChange,
  decodeChange,
  isMillraceError,
  MillraceError,
  type Snapshot,
} from '@millrace/core/internal'
import type { CommitReply, CommitRequest, WriterClient } from '../threads/index.js'

/** A snapshot that is being read. */
export interface Reading {
  readonly snapshot: Snapshot
  /** Ends the reading. Safe to call again. */
  readonly release: () => void
}

export class CurrentState {
  #snapshot: Snapshot
  #doubt: MillraceError | undefined
  readonly #readingVersions = new Map<number, number>()

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  /** @throws MillraceError `MILLRACE_IN_DOUBT` after a commit in doubt */
  get snapshot(): Snapshot {
    if (this.#doubt !== undefined) {
      throw new MillraceError('MILLRACE_IN_DOUBT', this.#doubt.details, { cause: this.#doubt })
    }
    return this.#snapshot
  }

  get catalog(): Catalog {
    return this.snapshot.catalog
  }

  /** The snapshot as it is, kept so until it is released. */
  read(): Reading {
    const { snapshot } = this
    const { version } = snapshot.catalog
    this.#readingVersions.set(version, (this.#readingVersions.get(version) ?? 0) + 1)
    const letGo = snapshot.hold()
    let isReleased = false
    const release = (): void => {
      if (isReleased) return
      isReleased = true
      letGo()
      const readers = (this.#readingVersions.get(version) ?? 1) - 1
      if (readers === 0) this.#readingVersions.delete(version)
      else this.#readingVersions.set(version, readers)
    }
    return { snapshot, release }
  }

  /** What a commit must know of this thread. */
  get commitRequest(): CommitRequest {
    return { oldestVersionInUse: this.oldestVersionInUse }
  }

  get oldestVersionInUse(): number {
    return Math.min(this.#snapshot.catalog.version, ...this.#readingVersions.keys())
  }

  /** Goes on to the state behind a committed change. */
  advance(change: CatalogChange): void {
    this.#snapshot = this.#snapshot.advance(change)
  }

  /** Goes on to the state behind what the writer has committed. */
  apply({ change, merged }: CommitReply): void {
    if (change !== null) this.advance(decodeChange(change))
    if (merged !== null) this.advance(decodeChange(merged))
  }

  /**
   * Commits small writes. @throws MillraceError what the writer's store throws: nothing was committed then
   */
  async commitWrites(writer: WriterClient, writes: Uint8Array): Promise<void> {
    const reply = await this.guard(writer.call('commitWrites', writes, this.commitRequest))
    this.advance({ kind: 'writes', bytes: writes })
    this.apply(reply)
  }

  /** Passes on what a commit gives, and remembers when it is in doubt. */
  async guard<T>(commit: Promise<T>): Promise<T> {
    try {
      return await commit
    } catch (error) {
      if (isMillraceError(error, 'MILLRACE_IN_DOUBT')) this.#doubt = error
      throw error
    }
  }

  close(): void {
    this.#snapshot.close()
  }
}
