/**
 * Reads a log: its header, its complete transactions in order, and what is behind the last of them.
 *
 * Invariants
 * - Only complete transactions are handed out: all parts of one change, ended by its commit record.
 * - The first bad record ends the log, unless a valid commit of the same generation follows it: a commit is
 *   written only after everything before it was durable, so then something was lost since, and the log is
 *   refused.
 * - A last record that would be a valid commit with one byte changed is damage, too.
 * - Nothing is allocated for a length that is beyond its limit or beyond the file.
 */
import { MillraceError } from '../errors/index.js'
import type { BytesSource } from '../format/index.js'
import type { File } from '../io/index.js'
import { changeBytesMax, recordBytesMax } from '../limits.js'
import { isCommitButForOneByte } from './damaged-commit.js'
import { decodeLogHeader, type LogHeader, sectorBytes } from './log-header.js'
import { type LogRecord, readRecordHead, recordBytesOf, recordHeaderBytes, verifyRecord } from './record.js'

/** A committed change as the log holds it. */
export interface LoggedChange {
  readonly transaction: number
  /** Byte of the log at which its first record begins. */
  readonly lsn: number
  /** The encoded change, whose memory belongs to whoever takes it. */
  readonly change: Uint8Array
}

export interface LogExtent {
  /** Byte behind the last complete transaction: where the next one is written. */
  readonly endByte: number
  /** Bytes behind it that belong to no complete transaction. */
  readonly droppedBytes: number
}

/**
 * The header of the log in `file`; null when the log holds nothing yet.
 * @throws MillraceError `MILLRACE_CORRUPT` when the header is damaged and records may follow it
 */
export function readLogHeader(file: File): LogHeader | null {
  const sector = new Uint8Array(sectorBytes)
  const length = file.read(sector, 0)
  const source: BytesSource = { file: file.path, what: 'the header of the log (bytes 0 to 511)' }
  if (length === sectorBytes && file.size() > sectorBytes) return decodeLogHeader(sector, source)
  // It was being created: no record was written before the header was durable. A whole header still says
  // whose log it is.
  if (length < sectorBytes) return null
  try {
    return decodeLogHeader(sector, source)
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'MILLRACE_CORRUPT') return null
    throw error
  }
}

/** Reads records one after the other. */
class RecordCursor {
  readonly #file: File
  readonly #salt: Uint8Array
  readonly sizeBytes: number
  #buffer = new Uint8Array(sectorBytes)

  constructor(file: File, salt: Uint8Array) {
    this.#file = file
    this.#salt = salt
    this.sizeBytes = file.size()
  }

  /** The valid record at byte `lsn`, or null. Its payload is valid until the next call. */
  recordAt(lsn: number): LogRecord | null {
    const available = this.sizeBytes - lsn
    if (available < recordHeaderBytes) return null
    const first = Math.min(sectorBytes, available)
    if (this.#file.read(this.#buffer.subarray(0, first), lsn) < first) return null
    const head = readRecordHead(this.#buffer, lsn, available)
    if (typeof head === 'string') return null
    const bytes = recordHeaderBytes + head.payloadBytes
    if (bytes > this.#buffer.length) {
      const grown = new Uint8Array(
        Math.min(recordHeaderBytes + recordBytesMax, Math.max(bytes, this.#buffer.length * 2)),
      )
      grown.set(this.#buffer)
      this.#buffer = grown
    }
    if (bytes > first) {
      const rest = this.#buffer.subarray(first, bytes)
      if (this.#file.read(rest, lsn + first) < rest.length) return null
    }
    return verifyRecord(this.#buffer.subarray(0, bytes), head, lsn, this.#salt)
  }

  /** Whether a commit record that is whole but for one byte begins at byte `lsn`. */
  isDamagedCommit(lsn: number): boolean {
    const bytesMax = recordHeaderBytes + recordBytesMax
    const bytes = new Uint8Array(Math.max(0, Math.min(this.sizeBytes - lsn, bytesMax)))
    if (bytes.length < recordHeaderBytes || this.#file.read(bytes, lsn) < bytes.length) return false
    return isCommitButForOneByte(bytes, lsn, this.#salt)
  }

  /** The first valid commit record in a sector behind byte `lsn`, or null. */
  commitBehind(lsn: number): LogRecord | null {
    for (let at = lsn + sectorBytes; at < this.sizeBytes; at += sectorBytes) {
      const record = this.recordAt(at)
      if (record?.kind === 'commit') return record
    }
    return null
  }
}

/** The parts of the transaction being read. */
class Assembly {
  #parts: Uint8Array[] = []
  #bytes = 0
  transaction = 0
  lsn = 0

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  /** Adds `record`; returns what is wrong with it, or null. */
  add(record: LogRecord): string | null {
    if (this.isEmpty) {
      this.transaction = record.transaction
      this.lsn = record.lsn
    } else if (record.transaction !== this.transaction) {
      return `it belongs to transaction ${record.transaction}, the one before to ${this.transaction}`
    }
    this.#bytes += record.payload.length
    if (this.#bytes > changeBytesMax) return `its change has more than ${changeBytesMax} bytes`
    this.#parts.push(record.payload.slice())
    return null
  }

  /** The whole change; the assembly is empty afterwards. */
  take(): LoggedChange {
    const change = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    return { transaction: this.transaction, lsn: this.lsn, change }
  }
}

/**
 * Calls `onChange` for every complete transaction of the log, in order.
 * @throws MillraceError `MILLRACE_CORRUPT` with the byte, when a bad record is followed by a valid commit or
 * when a valid record makes no sense
 */
export function readLog(file: File, header: LogHeader, onChange: (change: LoggedChange) => void): LogExtent {
  const cursor = new RecordCursor(file, header.salt)
  const assembly = new Assembly()
  let endByte = sectorBytes
  let at = sectorBytes
  for (;;) {
    const record = cursor.recordAt(at)
    if (record === null) break
    const next = at + recordBytesOf(record.payload.length)
    const { kind } = record
    const problem = assembly.add(record)
    if (problem !== null) throw corruptRecord(file, at, problem)
    at = next
    if (kind !== 'commit') continue
    onChange(assembly.take())
    endByte = at
  }
  const later = cursor.commitBehind(at)
  if (later !== null) {
    const problem = `it is damaged, and the commit of transaction ${later.transaction} follows at byte ${later.lsn}`
    throw corruptRecord(file, at, problem)
  }
  if (cursor.isDamagedCommit(at)) throw corruptRecord(file, at, 'one byte of it is not what was written')
  return { endByte, droppedBytes: Math.max(0, cursor.sizeBytes - endByte) }
}

/** The error for a record that makes no sense. */
export function corruptRecord(file: File, lsn: number, problem: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', {
    file: file.path,
    what: `the log record at byte ${lsn}: ${problem}`,
    byte: lsn,
  })
}
