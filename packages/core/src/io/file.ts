/**
 * The one seam to the outside: all access to files of a database goes through these interfaces.
 * Tests put a simulated or faulty file system in their place (`@millrace/testing`).
 *
 * Everything but `startSync` is synchronous: the writer thread owns the file and has nothing else to do;
 * readers copy from the page cache. Every method throws a Node `ErrnoException` as `node:fs` does; callers
 * wrap it (`wrapIoError`).
 */

/** An open file. */
export interface File {
  readonly path: string
  /**
   * Reads into `target` from byte `position`; loops over short reads.
   * @returns bytes read; fewer than `target.length` only at the end of the file
   */
  read(target: Uint8Array, position: number): number
  /** Writes all of `source` at byte `position`; loops over short writes. */
  write(source: Uint8Array, position: number): void
  /** Makes what was written durable (`fdatasync`). */
  sync(): void
  /** Bytes written since a sync was last called or started. */
  readonly unsyncedBytes: number
  /**
   * Begins to make durable what was written so far, so that less is left for `sync`. Never rejects: when it
   * fails, each later `sync` does. Until it has ended, neither `sync` nor `close` may be called.
   */
  startSync(): Promise<void>
  truncate(bytes: number): void
  /** Size in bytes. */
  size(): number
  /** Does not throw: what counts was synced, or only read. */
  close(): void
}

/**
 * How a file is opened. `create`: fails when it exists (`EEXIST`). `readWriteCreate`: creates it when absent.
 */
export type OpenMode = 'read' | 'readWrite' | 'create' | 'readWriteCreate'

/** The right to write a database file, held until `release`. */
export interface Lock {
  release(): void
}

export interface FileSystem {
  open(path: string, mode: OpenMode): File
  exists(path: string): boolean
  rename(from: string, to: string): void
  /** Removes the file; absent is fine. */
  remove(path: string): void
  /** Makes creations, renames and removals in `path`'s directory durable. */
  syncDirectoryOf(path: string): void
  /** The path with all links resolved; the file itself need not exist, its directory must. */
  realPath(path: string): string
  /** Paths of all files in the directory of `prefix` whose path begins with `prefix`. */
  pathsWithPrefix(prefix: string): string[]
  /** @throws MillraceError `MILLRACE_LOCKED` when a living process (this one too) holds the lock of `path` */
  lock(path: string): Lock
}
