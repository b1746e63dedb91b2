/**
 * The real file system.
 *
 * - Reads and writes loop until all bytes are moved: the kernel may move fewer than asked for (signals,
 *   quotas, 2 GiB limits).
 * - `sync` is fdatasync; on macOS libuv turns it into F_FULLFSYNC, which reaches the platter.
 * - `startSync` is an fdatasync on a thread of libuv's. The system may tell of a failure once only, so the
 *   file remembers it: no `sync` succeeds from then on. Done on Linux only: elsewhere it costs more than it
 *   saves.
 * - What closing says is not listened to: all that counts was synced before, or only read.
 * - Opening never blocks (`O_NONBLOCK`), and anything but a regular file is refused: a FIFO would block, a
 *   device has no size.
 */
import * as fs from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { File, FileSystem, Lock, OpenMode } from './file.js'
import { errnoOf } from './io-error.js'
import { acquireLock } from './lock.js'

/** Moves some bytes between `view` and the file at `position`; returns how many. */
export type MoveSome = (view: Uint8Array, position: number) => number

/** Reads until `target` is full or the file ends. Returns the bytes read. */
export function readFully(readSome: MoveSome, target: Uint8Array, position: number): number {
  let done = 0
  while (done < target.length) {
    const moved = readSome(done === 0 ? target : target.subarray(done), position + done)
    if (moved === 0) break
    done += moved
  }
  return done
}

/**
 * Writes until all of `source` is written. A call that moves nothing is an error: it would be repeated for
 * ever.
 */
export function writeFully(writeSome: MoveSome, source: Uint8Array, position: number): void {
  let done = 0
  while (done < source.length) {
    const moved = writeSome(done === 0 ? source : source.subarray(done), position + done)
    if (moved === 0) {
      throw Object.assign(new Error(`EIO: write returned 0 of ${source.length - done} bytes`), {
        code: 'EIO',
      })
    }
    done += moved
  }
}

/** Bytes of one system call: below the 2 GiB at which some systems fail. */
const callBytesMax = 1 << 30

class NodeFile implements File {
  readonly path: string
  readonly #descriptor: number
  #closed = false
  #unsyncedBytes = 0
  #isSyncing = false
  /** Why a sync failed that was started. */
  #syncFailure: Error | null = null
  readonly #readSome: MoveSome
  readonly #writeSome: MoveSome

  constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
    this.#readSome = (view, position) =>
      fs.readSync(descriptor, view, 0, Math.min(view.length, callBytesMax), position)
    this.#writeSome = (view, position) =>
      fs.writeSync(descriptor, view, 0, Math.min(view.length, callBytesMax), position)
  }

  read(target: Uint8Array, position: number): number {
    return readFully(this.#readSome, target, position)
  }

  write(source: Uint8Array, position: number): void {
    writeFully(this.#writeSome, source, position)
    this.#unsyncedBytes += source.length
  }

  get unsyncedBytes(): number {
    return this.#unsyncedBytes
  }

  sync(): void {
    if (this.#syncFailure !== null) throw this.#syncFailure
    // Its failure would be known too late.
    if (this.#isSyncing) throw Object.assign(new Error('EBUSY: a sync is under way'), { code: 'EBUSY' })
    this.#unsyncedBytes = 0
    fs.fdatasyncSync(this.#descriptor)
  }

  startSync(): Promise<void> {
    this.#unsyncedBytes = 0
    if (process.platform !== 'linux') return Promise.resolve()
    this.#isSyncing = true
    return new Promise((resolve) => {
      fs.fdatasync(this.#descriptor, (error) => {
        this.#isSyncing = false
        this.#syncFailure ??= error
        resolve()
      })
    })
  }

  truncate(bytes: number): void {
    fs.ftruncateSync(this.#descriptor, bytes)
  }

  size(): number {
    return fs.fstatSync(this.#descriptor).size
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    try {
      fs.closeSync(this.#descriptor)
    } catch {
      // The descriptor is given up all the same.
    }
  }
}

const { O_CREAT, O_EXCL, O_NONBLOCK = 0, O_RDONLY, O_RDWR } = fs.constants

const flagsOf: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY,
  readWrite: O_RDWR,
  create: O_RDWR | O_CREAT | O_EXCL,
  readWriteCreate: O_RDWR | O_CREAT,
}

function openRegularFile(path: string, mode: OpenMode): File {
  const descriptor = fs.openSync(path, flagsOf[mode] | O_NONBLOCK, 0o666)
  try {
    requireRegular(fs.fstatSync(descriptor), path)
    return new NodeFile(path, descriptor)
  } catch (error) {
    fs.closeSync(descriptor)
    throw error
  }
}

function requireRegular(stat: fs.Stats, path: string): void {
  if (stat.isFile()) return
  const [code, what] = stat.isDirectory() ? ['EISDIR', 'a directory'] : ['EINVAL', 'not a regular file']
  throw Object.assign(new Error(`${code}: ${path} is ${what}`), { code })
}

/** Links a path may follow before it is taken for a circle, as in the Linux kernel. */
const linksMax = 40

/** Resolves links even when the file at their end does not exist yet. */
function realPathOf(path: string): string {
  let current = resolve(path)
  for (let links = 0; links < linksMax; links++) {
    try {
      return fs.realpathSync(current)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
    }
    const parent = fs.realpathSync(dirname(current))
    const absolute = join(parent, basename(current))
    const target = readLink(absolute)
    if (target === undefined) return absolute
    current = resolve(parent, target)
  }
  throw Object.assign(new Error(`ELOOP: too many links from ${path}`), { code: 'ELOOP' })
}

/** The target of the link at `path`; undefined when nothing is there. */
function readLink(path: string): string | undefined {
  try {
    return fs.readlinkSync(path)
  } catch (error) {
    if (['ENOENT', 'EINVAL'].includes(errnoOf(error))) return undefined
    throw error
  }
}

function syncDirectory(path: string): void {
  // Windows cannot open a directory; its file systems log names themselves.
  if (process.platform === 'win32') return
  const descriptor = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Files of this machine. */
export const nodeFileSystem: FileSystem = {
  open: openRegularFile,
  exists: (path) => fs.existsSync(path),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  syncDirectoryOf: (path) => syncDirectory(dirname(path)),
  realPath: realPathOf,
  pathsWithPrefix(prefix) {
    const directory = dirname(prefix)
    const start = basename(prefix)
    return fs
      .readdirSync(directory)
      .filter((name) => name.startsWith(start))
      .map((name) => join(directory, name))
  },
  lock: (path): Lock => acquireLock(path),
}
