/**
 * The lock file `name.mill.lock`: at most one process, and one opening in it, may write a database.
 *
 * Invariants
 * - The lock file appears whole: it is written under a name of its own and then linked (created exclusively
 *   where the file system has no links).
 * - A lock whose owner has certainly ended is taken over at once, by renaming our file over it, so that it is
 *   never absent. Only the holder of the marker `….lock.takeover` does so, after reading the lock again.
 * - Only its owner removes a lock: `release` compares the nonce first, or what `stat` says where it cannot be
 *   read.
 *
 * The content is one line of JSON: pid, host, startTime, boot, pidNamespace (see process-identity.ts),
 * thread, since, nonce.
 */
import { randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { threadId } from 'node:worker_threads'
import { MillraceError } from '../errors/index.js'
import type { Lock } from './file.js'
import { errnoOf, withIoErrors } from './io-error.js'
import { hasEnded, ownIdentity, type ProcessIdentity } from './process-identity.js'

interface LockContent extends ProcessIdentity {
  /** The number of the owner's thread within its process. */
  readonly thread: number
  /** ISO 8601. */
  readonly since: string
  readonly nonce: string
}

/** Bytes of a lock file that are looked at; ours have some 250. */
const lockBytesMax = 4096

/** Attempts before a lock that others keep taking and leaving is reported as locked. */
const attemptsMax = 50

/** The lock file of the database at `path` (a real path). */
export function lockPathOf(path: string): string {
  return `${path}.lock`
}

function readLock(lockPath: string): LockContent | 'absent' | 'unreadable' {
  const text = readSmallFile(lockPath)
  if (text === undefined) return 'absent'
  try {
    const content = JSON.parse(text) as Partial<LockContent>
    if (Number.isSafeInteger(content.pid) && typeof content.nonce === 'string') return content as LockContent
  } catch {
    // Not JSON: falls through.
  }
  return 'unreadable'
}

/**
 * The beginning of a regular file, which is all of a lock; the empty text for anything else, which is no lock
 * (a FIFO would be waited for without end); undefined when nothing is there.
 */
function readSmallFile(path: string): string | undefined {
  let descriptor: number
  try {
    descriptor = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    if (errnoOf(error) === 'ELOOP') return ''
    throw error
  }
  try {
    if (!fs.fstatSync(descriptor).isFile()) return ''
    const bytes = Buffer.alloc(lockBytesMax)
    return bytes.toString('utf8', 0, fs.readSync(descriptor, bytes, 0, lockBytesMax, 0))
  } finally {
    fs.closeSync(descriptor)
  }
}

/** What linking says on a file system that has no links. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES'])

/**
 * Removes a file under a name of our own. That it cannot be removed says nothing about the lock: reporting it
 * would leave a lock that is held by nobody who knows.
 */
function removeQuietly(ownPath: string): void {
  try {
    fs.rmSync(ownPath, { force: true })
  } catch {
    notRemoved.add(ownPath)
  }
}

/** Files of ours that could not be removed: tried again when a lock is released. */
const notRemoved = new Set<string>()

/** Creates `lockPath` with `text`, whole at once. False when it exists already. */
function createWhole(lockPath: string, text: string): boolean {
  const ownPath = `${lockPath}.${process.pid}.${randomUUID()}`
  try {
    fs.writeFileSync(ownPath, text, { flag: 'wx' })
    fs.linkSync(ownPath, lockPath)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    const { syscall } = error as NodeJS.ErrnoException
    if (syscall !== 'link' || !withoutLinks.has(errnoOf(error))) throw error
    return createExclusively(lockPath, text)
  } finally {
    removeQuietly(ownPath)
  }
}

function createExclusively(lockPath: string, text: string): boolean {
  try {
    fs.writeFileSync(lockPath, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    // What was made of it says nothing to anybody.
    if ((error as NodeJS.ErrnoException).syscall !== 'open') removeQuietly(lockPath)
    throw error
  }
}

/** Replaces the lock of an ended owner by ours. False when another process was quicker. */
function takeOver(lockPath: string, ended: LockContent, content: LockContent): boolean {
  const markerPath = `${lockPath}.takeover`
  const text = JSON.stringify(content)
  if (!createWhole(markerPath, text)) {
    const other = readLock(markerPath)
    // Its maker died in the middle of a take-over; the next attempt makes the marker anew.
    if (typeof other === 'object' && hasEnded(other, content)) fs.rmSync(markerPath, { force: true })
    return false
  }
  try {
    const current = readLock(lockPath)
    if (typeof current === 'string' || current.nonce !== ended.nonce) return false
    const ownPath = `${lockPath}.${process.pid}.${content.nonce}`
    try {
      fs.writeFileSync(ownPath, text, { flag: 'wx' })
      fs.renameSync(ownPath, lockPath)
    } catch (error) {
      removeQuietly(ownPath)
      throw error
    }
    return true
  } finally {
    removeQuietly(markerPath)
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function lockedError(path: string, holder: LockContent | 'unreadable' | undefined): MillraceError {
  const known = typeof holder === 'object' ? holder : undefined
  return new MillraceError('MILLRACE_LOCKED', {
    file: path,
    pid: known?.pid ?? 'unknown',
    host: known?.host ?? 'unknown',
    since: known?.since ?? 'unknown',
    lockFile: lockPathOf(path),
  })
}

function acquire(path: string): Lock {
  const lockPath = lockPathOf(path)
  const since = new Date().toISOString()
  const content: LockContent = { ...ownIdentity(), thread: threadId, since, nonce: randomUUID() }
  const text = `${JSON.stringify(content)}\n`
  let holder: LockContent | 'unreadable' | undefined
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (createWhole(lockPath, text)) return lockOf(lockPath, content.nonce)
    const found = readLock(lockPath)
    if (found === 'absent') continue
    holder = found
    if (found !== 'unreadable') {
      if (!hasEnded(found, content)) throw lockedError(path, found)
      if (takeOver(lockPath, found, content)) return lockOf(lockPath, content.nonce)
    }
    // Another process is taking it over, or is just writing it on a file system without links.
    pause(2)
  }
  throw lockedError(path, holder)
}

/** What tells a lock file from another one at its place without reading it; undefined when nobody says. */
function stateOf(lockPath: string): string | undefined {
  try {
    const { dev, ino, mtimeNs, size } = fs.statSync(lockPath, { bigint: true })
    return `${dev} ${ino} ${mtimeNs} ${size}`
  } catch {
    return undefined
  }
}

function lockOf(lockPath: string, nonce: string): Lock {
  const ownState = stateOf(lockPath)
  const isOurs = () => {
    try {
      const content = readLock(lockPath)
      return typeof content === 'object' && content.nonce === nonce
    } catch {
      // Reading takes a descriptor, and a process that has none left is to give up its lock all the same.
      return ownState !== undefined && stateOf(lockPath) === ownState
    }
  }
  return {
    release() {
      for (const path of [...notRemoved]) {
        notRemoved.delete(path)
        removeQuietly(path)
      }
      if (isOurs()) fs.rmSync(lockPath, { force: true })
    },
  }
}

/**
 * Takes the lock of the database at `path`, whose links are resolved already.
 * @throws MillraceError `MILLRACE_LOCKED` with the owner's pid, host and time; `MILLRACE_IO` when the lock
 * cannot be written
 */
export function acquireLock(path: string): Lock {
  return withIoErrors({ operation: 'locking', file: lockPathOf(path), neededBytes: 512 }, () => acquire(path))
}

/**
 * Releases a lock where something has failed already, which is what is to be told. One that cannot be removed
 * is taken over when its owner has ended.
 */
export function releaseQuietly(lock: Lock): void {
  try {
    lock.release()
  } catch {
    // See above.
  }
}

/**
 * Removes a lock that thread `thread` of this very process has left behind: for who has seen that thread end.
 * A lock of another thread or process stays, and one that cannot be removed: whoever calls has an error to
 * tell of already.
 */
export function removeLockOfThread(path: string, thread: number): void {
  try {
    const content = readLock(lockPathOf(path))
    if (typeof content !== 'object' || content.thread !== thread) return
    const own = ownIdentity()
    const ours = content.pid === own.pid && content.startTime === own.startTime && content.host === own.host
    if (ours) fs.rmSync(lockPathOf(path), { force: true })
  } catch {
    // It is taken over when this process has ended.
  }
}
