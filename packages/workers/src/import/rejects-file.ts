/**
 * The file of refused records: CSV, in the order of the input, each record's bytes as they were.
 *
 * Invariants
 * - It is written aside, as `<path>.part`, and takes its name when the load has ended well. What is at `path`
 *   is whole or not there.
 * - Bytes up to what `commit` returned are durable before the rows are that they belong to. A load that goes
 *   on cuts off what came after.
 * - Holds a few buffers, however many records are refused.
 */
import { existsSync, realpathSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MillraceError, withIoErrors, wrapIoError } from '@millrace/core/internal'
import { csvField, RefusedCursor } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import type { RefusedRecord } from './refused-record.js'
import type { ImportError } from './result.js'

/** Bytes that are gathered before they are written: more than one record of a log takes. */
const bufferBytes = 1 << 20

/** Bytes of a number, at most. */
const numberBytesMax = 16

const comma = 0x2c
const zero = 0x30

const headerLine = 'file,line,row,column,kind,message,record\n'

/** Refused records whose places count from those of one input that are before them. */
export interface RefusedRecords {
  readonly file: string
  readonly records: number
  readonly lines: number
  /** `csv/refused-log.ts` says what they are. */
  readonly entries: Uint8Array
  /** Those that are described apart. */
  readonly apart: readonly { readonly error: ImportError; readonly record: RefusedRecord }[]
}

/**
 * The file takes the place of whatever is there.
 * @throws MillraceError `MILLRACE_ARGUMENT` when that is one of `paths`; `MILLRACE_IO`
 */
export function refuseOverwriting(rejects: string, paths: readonly string[]): void {
  const realOf = (file: string) =>
    withIoErrors({ operation: 'looking up', file }, () =>
      existsSync(file) ? realpathSync(file) : resolve(file),
    )
  const real = realOf(rejects)
  if (!paths.some((path) => realOf(path) === real)) return
  const expected = 'a file that is neither the database nor one of the sources'
  throw new MillraceError('MILLRACE_ARGUMENT', { what: 'rejects', value: rejects, expected })
}

/**
 * Where statements of others are run, the list of what they may read is no list of what they may overwrite.
 * @throws MillraceError `MILLRACE_ARGUMENT`
 */
export function refuseWriting(rejects: string): never {
  const expected = 'no file: a database with allowedPaths lets imports read, and write nothing'
  throw new MillraceError('MILLRACE_ARGUMENT', { what: 'rejects', value: rejects, expected })
}

export class RejectsFile {
  readonly #path: string
  readonly #handle: FileHandle
  /** What waits to be written. */
  readonly #buffer = Buffer.allocUnsafeSlow(bufferBytes)
  #used = 0
  #written: number

  private constructor(path: string, handle: FileHandle, bytes: number) {
    this.#path = path
    this.#handle = handle
    this.#written = bytes
  }

  /**
   * Opens the file that is written aside: anew, or to go on behind its first `bytes` bytes.
   * @throws MillraceError `MILLRACE_IO`; `MILLRACE_RESUME_SOURCE` when it is shorter than that
   */
  static async open(path: string, bytes: number, table: string): Promise<RejectsFile> {
    const part = `${path}.part`
    let file: RejectsFile | undefined
    try {
      file = new RejectsFile(path, await open(part, bytes === 0 ? 'w' : 'r+'), bytes)
      const { size } = await file.#handle.stat()
      if (size < bytes) {
        const problem = `its refused records in ${part} had ${bytes} bytes, now there are ${size}`
        throw workersError('MILLRACE_RESUME_SOURCE', { table, problem })
      }
      if (size > bytes) await file.#handle.truncate(bytes)
      if (bytes === 0) await file.#put(Buffer.from(headerLine))
      return file
    } catch (error) {
      await file?.giveUp(bytes === 0 ? 0 : null)
      throw wrapIoError(error, { operation: 'opening', file: part })
    }
  }

  /** For a load that had ended, perhaps without coming to `finish`. */
  static async complete(path: string): Promise<void> {
    await rename(`${path}.part`, path).catch(() => undefined)
  }

  /** Adds records, and what is wrong with them. */
  async add({ file, records, lines, entries, apart }: RefusedRecords): Promise<void> {
    const cursor = new RefusedCursor(entries)
    const beginning = Buffer.from(`${csvField(file)},`)
    const rest = apart[Symbol.iterator]()
    while (cursor.next()) {
      if (cursor.isApart) {
        const { error, record } = rest.next().value!
        await this.#addApart(error, record)
        continue
      }
      const bytesMax = beginning.length + 2 * numberBytesMax + cursor.bytes
      if (bytesMax > bufferBytes - this.#used) await this.#flush()
      this.#buffer.set(beginning, this.#used)
      this.#used += beginning.length
      this.#putNumber(lines + cursor.line + 1)
      this.#putNumber(records + cursor.row + 1)
      cursor.copyTo(this.#buffer, this.#used)
      this.#used += cursor.bytes
    }
  }

  /** A number and the comma behind it. */
  #putNumber(number: number): void {
    let digits = 1
    for (let limit = 10; number >= limit; limit *= 10) digits += 1
    let at = this.#used + digits
    this.#used = at + 1
    this.#buffer[at] = comma
    for (let left = number; digits > 0; digits--) {
      this.#buffer[--at] = zero + (left % 10)
      left = Math.floor(left / 10)
    }
  }

  async #addApart(error: ImportError, { bytes, rest, cutAfter }: RefusedRecord): Promise<void> {
    const { file, line, row, column, kind, message } = error
    const problem = cutAfter === null ? message : `${message}; only its first ${cutAfter} bytes are here`
    const fields = [file, String(line), String(row), column ?? '', kind, problem]
    await this.#put(Buffer.from(`${fields.map(csvField).join(',')},`))
    const text = Buffer.from(bytes).toString('latin1')
    if (rest === null) await this.#put(Buffer.from(csvField(text), 'latin1'))
    else {
      // Bytes are quoted as bytes, so that what is no UTF-8 stays what it is.
      const doubled = (each: Uint8Array) => Buffer.from(each).toString('latin1').replaceAll('"', '""')
      await this.#put(Buffer.from(`"${doubled(bytes)}`, 'latin1'))
      for (const piece of rest) await this.#put(Buffer.from(doubled(piece), 'latin1'))
      await this.#put(Buffer.from('"'))
    }
    await this.#put(Buffer.from('\n'))
  }

  /** Makes what was added durable. @returns bytes of the file then */
  async commit(): Promise<number> {
    await this.#flush()
    await this.#io('syncing', () => this.#handle.datasync())
    return this.#written
  }

  /**
   * The load has ended well, and all was committed: gives the file its name.
   * @throws MillraceError `MILLRACE_REJECTS_UNNAMED`: the rows are loaded, and the records are in the file
   */
  async finish(table: string): Promise<void> {
    const part = `${this.#path}.part`
    try {
      await this.#handle.close()
      await rename(part, this.#path)
    } catch (error) {
      const details = { table, part, file: this.#path, reason: (error as Error).message }
      throw workersError('MILLRACE_REJECTS_UNNAMED', details, { cause: error })
    }
  }

  /**
   * The load has failed: keeps the first `bytes` bytes, which belong to what it has committed, if anything;
   * null: all there are. Its own failure adds nothing to the error that led here: what is left is cut when
   * the load goes on, and written anew when another begins.
   */
  async giveUp(bytes: number | null): Promise<void> {
    if (bytes !== null && bytes > 0) await this.#handle.truncate(bytes).catch(() => undefined)
    await this.#handle.close().catch(() => undefined)
    if (bytes === 0) await rm(`${this.#path}.part`, { force: true }).catch(() => undefined)
  }

  /** Bytes of any length. */
  async #put(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      if (this.#used === bufferBytes) await this.#flush()
      const count = bytes.copy(this.#buffer, this.#used, done)
      this.#used += count
      done += count
    }
  }

  async #flush(): Promise<void> {
    const bytes = this.#used
    this.#used = 0
    await this.#io('writing', async () => {
      for (let done = 0; done < bytes; ) {
        const { bytesWritten } = await this.#handle.write(this.#buffer, done, bytes - done, this.#written)
        done += bytesWritten
        this.#written += bytesWritten
      }
    })
  }

  async #io<T>(operation: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      throw wrapIoError(error, { operation, file: `${this.#path}.part` })
    }
  }
}
