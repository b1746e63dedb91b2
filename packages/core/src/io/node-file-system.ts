/**
 * The real file system.
 *
 * - Reads and writes loop until all bytes are moved: the kernel may move fewer than asked for (signals,
 *   quotas, 2 GiB limits).
 * - `sync` is fdatasync; on macOS libuv turns it into F_FULLFSYNC, which reaches the platter.
 * - What is written to a file opened `readWrite` begins to be synced every 16 MiB, so that less is left for
 *   `sync`: an fdatasync on a thread of libuv's, through a descriptor of its own. Linux tells a failed write
 *   to each descriptor that was open then, so `sync` hears of it all the same. Elsewhere it is not done.
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

/** Bytes of a file that is to last that the system is asked to begin writing out. */
const startSyncBytes = 16 << 20

class NodeFile implements File {
  readonly path: string
  readonly #descriptor: number
  #closed = false
  readonly #syncsEarly: boolean
  /** Bytes written since the system was last asked to begin writing them out. */
  #unsyncedBytes = 0
  #isSyncing = false
  readonly #readSome: MoveSome
  readonly #writeSome: MoveSome

  constructor(path: string, descriptor: number, mode: OpenMode) {
    this.path = path
    this.#syncsEarly = mode === 'readWrite' && process.platform === 'linux'
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
    if (this.#syncsEarly && this.#unsyncedBytes >= startSyncBytes) this.#startSync()
  }

  sync(): void {
    fs.fdatasyncSync(this.#descriptor)
  }

  #startSync(): void {
    this.#unsyncedBytes = 0
    if (this.#isSyncing) return
    const descriptor = openOrNull(this.path)
    if (descriptor === null) return
    this.#isSyncing = true
    fs.fdatasync(descriptor, () => {
      this.#isSyncing = false
      fs.closeSync(descriptor)
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
    fs.closeSync(this.#descriptor)
  }
}

const { O_CREAT, O_EXCL, O_NONBLOCK = 0, O_RDONLY, O_RDWR } = fs.constants

const flagsOf: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY,
  readWrite: O_RDWR,
  create: O_RDWR | O_CREAT | O_EXCL,
  readWriteCreate: O_RDWR | O_CREAT,
}

/** A descriptor for something that need not be done. */
function openOrNull(path: string): number | null {
  try {
    return fs.openSync(path, O_RDONLY | O_NONBLOCK)
  } catch {
    return null
  }
}

function openRegularFile(path: string, mode: OpenMode): File {
  const descriptor = fs.openSync(path, flagsOf[mode] | O_NONBLOCK, 0o666)
  const stat = fs.fstatSync(descriptor)
  if (!stat.isFile()) {
    fs.closeSync(descriptor)
    const [code, what] = stat.isDirectory() ? ['EISDIR', 'a directory'] : ['EINVAL', 'not a regular file']
    throw Object.assign(new Error(`${code}: ${path} is ${what}`), { code })
  }
  return new NodeFile(path, descriptor, mode)
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
