/**
 * Writes the log. One writer per open store, on the writer thread.
 *
 * Invariants
 * - A generation begins in this order: cut the file to nothing, sync, write the header, sync, and, when the
 *   file is new, sync its directory. Only then records follow.
 * - A record is written behind the last durable transaction and synced before `append` returns. Of a change
 *   in several records, the parts are synced before the commit record is written, so that a valid commit
 *   proves that all before it was durable.
 * - After a failed write the log is cut back, and the cut is synced before the failure is reported as "not
 *   committed": otherwise a record that was reported as failed could come back after a crash.
 * - A failed sync, or a failed cut, is `MILLRACE_IN_DOUBT`. The writer must not be used again then.
 */
import { randomBytes } from 'node:crypto'
import { assert, MillraceError } from '../errors/index.js'
import { ByteWriter } from '../format/index.js'
import { type File, type FileSystem, wrapIoError } from '../io/index.js'
import { recordBytesMax } from '../limits.js'
import { encodeLogHeader, type LogHeader, saltBytes, sectorBytes } from './log-header.js'
import { recordBytesOf, writeRecord } from './record.js'

/** The error for a sync of `file` that failed with `cause`. */
export function inDoubt(file: string, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError('MILLRACE_IN_DOUBT', { file, reason }, { cause })
}

/** `file.sync()`, whose failure is `MILLRACE_IN_DOUBT`. */
export function syncOrDoubt(file: File): void {
  try {
    file.sync()
  } catch (error) {
    throw inDoubt(file.path, error)
  }
}

export class LogWriter {
  readonly #fileSystem: FileSystem
  readonly #path: string
  #file: File | null = null
  /** Null until a generation has begun. */
  #header: LogHeader | null = null
  #end = 0

  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem
    this.#path = path
  }

  /** Bytes of records in the current generation. */
  get recordBytes(): number {
    return this.#header === null ? 0 : this.#end - sectorBytes
  }

  /**
   * Goes on behind the last transaction that recovery found, after cutting what is behind it. Takes the file
   * over.
   */
  resume(file: File, header: LogHeader, endByte: number): void {
    this.#file = file
    if (file.size() > endByte) {
      file.truncate(endByte)
      file.sync()
    }
    this.#header = header
    this.#end = endByte
  }

  /**
   * Makes one change durable. The first of a generation begins it for the database `uuid` and its checkpoint.
   * @throws MillraceError `MILLRACE_IO` or `MILLRACE_DISK_FULL`: not committed, and the log is as before;
   * `MILLRACE_IN_DOUBT`: whether it is committed is not known
   */
  append(transaction: number, change: Uint8Array, identity: Omit<LogHeader, 'salt'>): void {
    if (this.#header === null) this.#begin(identity)
    assert(this.#header !== null && this.#file !== null, 'the log has begun')
    const { salt } = this.#header
    const start = this.#end
    let at = start
    // The same for every part: of a long change there are hundreds.
    const writer = new ByteWriter(recordBytesOf(Math.min(change.length, recordBytesMax)))
    for (let done = 0; ; ) {
      const payload = change.subarray(done, done + recordBytesMax)
      done += payload.length
      const kind = done === change.length ? 'commit' : 'part'
      if (kind === 'commit' && at > start) this.#syncRecords()
      writeRecord(writer.truncate(0), { kind, transaction, lsn: at, payload }, salt)
      this.#writeRecords(this.#file, writer.finish(), at, start)
      at += writer.length
      if (kind === 'commit') break
    }
    this.#syncRecords()
    this.#end = at
  }

  #syncRecords(): void {
    if (this.#file !== null) syncOrDoubt(this.#file)
  }

  #writeRecords(file: File, bytes: Uint8Array, at: number, start: number): void {
    try {
      file.write(bytes, at)
    } catch (error) {
      this.#cutBack(file, start)
      throw wrapIoError(error, { operation: 'writing', file: this.#path, neededBytes: bytes.length })
    }
  }

  #cutBack(file: File, end: number): void {
    try {
      file.truncate(end)
      file.sync()
    } catch (error) {
      throw inDoubt(this.#path, error)
    }
  }

  #begin(identity: Omit<LogHeader, 'salt'>): void {
    const header: LogHeader = { ...identity, salt: new Uint8Array(randomBytes(saltBytes)) }
    const context = { operation: 'writing', file: this.#path, neededBytes: sectorBytes }
    try {
      if (this.#file === null) this.#file = this.#fileSystem.open(this.#path, 'readWriteCreate')
      this.#file.truncate(0)
    } catch (error) {
      throw wrapIoError(error, context)
    }
    syncOrDoubt(this.#file)
    try {
      this.#file.write(encodeLogHeader(header), 0)
    } catch (error) {
      throw wrapIoError(error, context)
    }
    syncOrDoubt(this.#file)
    try {
      this.#fileSystem.syncDirectoryOf(this.#path)
    } catch (error) {
      throw inDoubt(this.#path, error)
    }
    this.#header = header
    this.#end = sectorBytes
  }

  /**
   * Ends the generation: what it holds is in the data file now. The space is given back at once where that
   * works; where it does not, the old generation stays, is ignored by recovery, and is cut when the next one
   * begins.
   */
  reset(): void {
    this.#header = null
    try {
      this.#file?.truncate(0)
    } catch {
      // As said above.
    }
  }

  /** Closes the log, and removes it when nothing in it is needed. */
  close(): void {
    const unneeded = this.#header === null || this.recordBytes === 0
    this.#file?.close()
    this.#file = null
    if (unneeded) this.#fileSystem.remove(this.#path)
  }

  /** Closes the log and leaves it as it is. */
  abandon(): void {
    this.#file?.close()
    this.#file = null
  }
}
