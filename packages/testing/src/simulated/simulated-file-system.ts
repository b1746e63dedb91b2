/**
 * A file system in memory that lies about what reached the disk, as real ones do.
 *
 * - Live bytes are what reads see. Durable bytes are what survives a crash for certain.
 * - Between them lie pending operations: writes and truncations of a file until it is synced; creations,
 *   renames and removals until their directory is synced (names independently of data: a synced file may
 *   still lose its name).
 * - `crash` builds what a machine could find after losing power: it decides by seed for each pending
 *   operation.
 * - A failed sync leaves the pages clean: later syncs succeed, and what was pending is durable or not, by
 *   chance.
 *
 * | crash mode | what may happen to each pending operation                                                    |
 * |------------|----------------------------------------------------------------------------------------------|
 * | prefix     | all up to some moment are applied, none after it                                              |
 * | subset     | applied or dropped                                                                            |
 * | torn       | applied, dropped, or only some of its sectors                                                 |
 * | garbage    | applied, dropped, or anything at all in the sectors it touches                                |
 *
 * Faults: `faults` is asked before every operation that changes something, opens or syncs; `lookFaults`
 * before every one that only looks. These are numbered apart, so that a crash is not tried before each of
 * them.
 */
import { type File, type FileSystem, type Lock, MillraceError, type OpenMode } from '@millrace/core/internal'
import { Random } from './random.js'
import { type PendingOperation, SimulatedContent } from './simulated-content.js'

export type CrashMode = 'prefix' | 'subset' | 'torn' | 'garbage'

export const crashModes: readonly CrashMode[] = ['prefix', 'subset', 'torn', 'garbage']

export type OperationKind = 'open' | 'write' | 'truncate' | 'sync' | 'rename' | 'remove' | 'syncDirectory'

/** One call, numbered from 1 over the life of the file system. */
export interface Operation {
  readonly number: number
  readonly kind: OperationKind
  readonly path: string
}

/** A call that changes nothing, numbered from 1 over the life of the file system. */
export interface Look {
  readonly number: number
  readonly kind: 'read' | 'size' | 'exists' | 'realPath' | 'list'
  readonly path: string
}

/**
 * `stop`: the machine loses power before the operation. `skip`: a sync says it is done and does nothing, as
 * if the store had forgotten it. Else the operation fails with this error code.
 */
export type Fault = 'stop' | 'skip' | 'EIO' | 'ENOSPC' | 'EMFILE'

export type FaultPlan = (operation: Operation) => Fault | undefined

/** Thrown by every operation from the moment the machine lost power. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash'
}

interface Inode {
  readonly live: SimulatedContent
  readonly durable: SimulatedContent
  pending: PendingOperation[]
}

type NameOperation =
  | { readonly kind: 'link'; readonly order: number; readonly path: string; readonly inode: Inode }
  | { readonly kind: 'unlink'; readonly order: number; readonly path: string }
  | {
      readonly kind: 'rename'
      readonly order: number
      readonly from: string
      readonly to: string
      readonly inode: Inode
    }

function errno(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${operation} '${path}'`), { code })
}

function applyName(names: Map<string, Inode>, operation: NameOperation): void {
  if (operation.kind === 'link') names.set(operation.path, operation.inode)
  else if (operation.kind === 'unlink') names.delete(operation.path)
  else {
    names.delete(operation.from)
    names.set(operation.to, operation.inode)
  }
}

export class SimulatedFileSystem implements FileSystem {
  readonly #names = new Map<string, Inode>()
  readonly #durableNames = new Map<string, Inode>()
  #pendingNames: NameOperation[] = []
  readonly #locks = new Set<string>()
  readonly #random: Random
  #order = 0
  #stopped = false
  #openFiles = 0
  readonly #log: Operation[] = []
  #looks = 0
  /** Decides which operations fail. */
  faults: FaultPlan = () => undefined
  /** Decides which looks fail, and with which error code. */
  lookFaults: (look: Look) => 'EIO' | 'EINTR' | undefined = () => undefined
  /** Bytes that all files together may have; a write beyond it fails with ENOSPC after a part of it. */
  capacityBytes = Number.POSITIVE_INFINITY

  constructor(seed = 1) {
    this.#random = new Random(seed)
  }

  /** Operations so far, in order. */
  get operations(): readonly Operation[] {
    return this.#log
  }

  /** True once a fault stopped the machine. */
  get isStopped(): boolean {
    return this.#stopped
  }

  /** Files open now. */
  get openFiles(): number {
    return this.#openFiles
  }

  /** Paths that exist, sorted. */
  get paths(): string[] {
    return [...this.#names.keys()].sort()
  }

  /** Bytes of all files together. */
  get usedBytes(): number {
    return [...this.#names.values()].reduce((sum, inode) => sum + inode.live.size, 0)
  }

  /** A copy of what reads of `path` see. */
  readAll(path: string): Uint8Array {
    return this.#require(path, 'read').live.bytes.slice()
  }

  /** Puts a file there, durable at once. For damage and fixtures. */
  putDurable(path: string, bytes: Uint8Array): void {
    const inode = {
      live: new SimulatedContent(bytes.slice()),
      durable: new SimulatedContent(bytes.slice()),
      pending: [],
    }
    this.#names.set(path, inode)
    this.#durableNames.set(path, inode)
    this.#pendingNames = this.#pendingNames.filter((operation) =>
      operation.kind === 'rename'
        ? operation.from !== path && operation.to !== path
        : operation.path !== path,
    )
  }

  /**
   * What another process finds after this one was killed: all live bytes, no locks, no open files, no faults.
   * What was not synced still waits for a sync, and is at risk when the power fails. This file system stays
   * as it is.
   */
  afterKill(): SimulatedFileSystem {
    const copy = new SimulatedFileSystem(this.#order + 1)
    copy.#order = this.#order
    const copies = new Map<Inode, Inode>()
    const copyOf = (inode: Inode): Inode => {
      const known = copies.get(inode)
      if (known !== undefined) return known
      const { live, durable, pending } = inode
      const made = { live: live.clone(), durable: durable.clone(), pending: [...pending] }
      copies.set(inode, made)
      return made
    }
    for (const [path, inode] of this.#names) copy.#names.set(path, copyOf(inode))
    for (const [path, inode] of this.#durableNames) copy.#durableNames.set(path, copyOf(inode))
    copy.#pendingNames = this.#pendingNames.map((operation) =>
      operation.kind === 'unlink' ? operation : { ...operation, inode: copyOf(operation.inode) },
    )
    return copy
  }

  /** What the machine finds after losing power now. This file system stays as it is. */
  crash(mode: CrashMode, seed: number): SimulatedFileSystem {
    const random = new Random(seed)
    // In prefix mode everything is decided by one moment; where names and data meet, time is what orders
    // them.
    const limit = mode === 'prefix' ? random.below(this.#order + 2) : Number.POSITIVE_INFINITY
    const isApplied = (order: number) => (mode === 'prefix' ? order < limit : random.chance())
    const names = new Map(this.#durableNames)
    for (const operation of this.#pendingNames) if (isApplied(operation.order)) applyName(names, operation)
    const image = new SimulatedFileSystem(seed)
    for (const [path, inode] of names) {
      const content = inode.durable.clone()
      for (const operation of inode.pending) {
        const damages = mode === 'torn' || mode === 'garbage'
        if (damages && operation.kind === 'write' && random.chance(1 / 3)) {
          if (mode === 'torn') content.applyTorn(operation, random)
          else content.applyGarbage(operation, random)
        } else if (isApplied(operation.order)) {
          content.apply(operation)
        }
      }
      image.putDurable(path, content.bytes)
    }
    return image
  }

  /** Counts the operation and lets it fail; false when a sync is to be skipped. */
  #perform(kind: OperationKind, path: string): boolean {
    if (this.#stopped) throw new SimulatedCrash('the machine has no power')
    const operation = { number: this.#log.length + 1, kind, path }
    this.#log.push(operation)
    const fault = this.faults(operation)
    if (fault === undefined) return true
    if (fault === 'skip') return false
    if (fault === 'stop') {
      this.#stopped = true
      throw new SimulatedCrash(`power lost before operation ${operation.number}, ${kind} ${path}`)
    }
    throw errno(fault, kind, path)
  }

  #look(kind: Look['kind'], path: string): void {
    this.#looks++
    const fault = this.lookFaults({ number: this.#looks, kind, path })
    if (fault !== undefined) throw errno(fault, kind, path)
  }

  #require(path: string, operation: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw errno('ENOENT', operation, path)
    return inode
  }

  open(path: string, mode: OpenMode): File {
    this.#perform('open', path)
    let inode = this.#names.get(path)
    if (inode !== undefined && mode === 'create') throw errno('EEXIST', 'open', path)
    if (inode === undefined) {
      if (mode === 'read' || mode === 'readWrite') throw errno('ENOENT', 'open', path)
      inode = { live: new SimulatedContent(), durable: new SimulatedContent(), pending: [] }
      this.#names.set(path, inode)
      this.#pendingNames.push({ kind: 'link', order: this.#order++, path, inode })
    }
    this.#openFiles++
    return this.#fileOf(path, inode, mode === 'read')
  }

  #fileOf(path: string, inode: Inode, readOnly: boolean): File {
    let closed = false
    let unsyncedBytes = 0
    let syncFailure: unknown
    const requireOpen = (operation: string) => {
      if (this.#stopped) throw new SimulatedCrash('the machine has no power')
      if (closed) throw errno('EBADF', operation, path)
    }
    const requireWritable = (operation: string) => {
      requireOpen(operation)
      if (readOnly) throw errno('EBADF', operation, path)
    }
    return {
      path,
      read: (target, position) => {
        requireOpen('read')
        this.#look('read', path)
        const part = inode.live.bytes.subarray(position, position + target.length)
        target.set(part)
        return part.length
      },
      write: (source, position) => {
        requireWritable('write')
        this.#write(inode, path, source, position)
        unsyncedBytes += source.length
      },
      get unsyncedBytes() {
        return unsyncedBytes
      },
      sync: () => {
        requireOpen('sync')
        if (syncFailure !== undefined) throw syncFailure
        unsyncedBytes = 0
        this.#sync(inode, path)
      },
      startSync: async () => {
        requireOpen('startSync')
        unsyncedBytes = 0
        try {
          this.#sync(inode, path)
        } catch (error) {
          syncFailure ??= error
        }
      },
      truncate: (bytes) => {
        requireWritable('truncate')
        this.#perform('truncate', path)
        inode.live.truncate(bytes)
        inode.pending.push({ kind: 'truncate', order: this.#order++, size: bytes })
      },
      size: () => {
        requireOpen('size')
        this.#look('size', path)
        return inode.live.size
      },
      close: () => {
        if (!closed) this.#openFiles--
        closed = true
      },
    }
  }

  #write(inode: Inode, path: string, source: Uint8Array, position: number): void {
    let error: unknown
    try {
      this.#perform('write', path)
    } catch (failure) {
      if (failure instanceof SimulatedCrash) throw failure
      error = failure
    }
    const room = this.capacityBytes - this.usedBytes + inode.live.size
    if (error === undefined && position + source.length > room) error = errno('ENOSPC', 'write', path)
    // A write that fails has written anything from nothing to all of it.
    const length =
      error === undefined || this.#random.chance(1 / 3) ? source.length : this.#random.below(source.length)
    const bytes = source.slice(0, Math.max(0, Math.min(length, room - position)))
    if (bytes.length > 0) {
      inode.live.write(position, bytes)
      inode.pending.push({ kind: 'write', order: this.#order++, position, bytes })
    }
    if (error !== undefined) throw error
  }

  #sync(inode: Inode, path: string): void {
    const pending = inode.pending
    try {
      if (!this.#perform('sync', path)) return
    } catch (failure) {
      if (failure instanceof SimulatedCrash) throw failure
      inode.pending = []
      for (const operation of pending) if (this.#random.chance()) inode.durable.apply(operation)
      throw failure
    }
    inode.pending = []
    for (const operation of pending) inode.durable.apply(operation)
  }

  exists(path: string): boolean {
    this.#look('exists', path)
    return this.#names.has(path)
  }

  rename(from: string, to: string): void {
    this.#perform('rename', from)
    const inode = this.#require(from, 'rename')
    const operation: NameOperation = { kind: 'rename', order: this.#order++, from, to, inode }
    applyName(this.#names, operation)
    this.#pendingNames.push(operation)
  }

  remove(path: string): void {
    if (!this.#names.has(path) && !this.#stopped) return
    this.#perform('remove', path)
    this.#names.delete(path)
    this.#pendingNames.push({ kind: 'unlink', order: this.#order++, path })
  }

  /** All files lie in one directory. */
  syncDirectoryOf(path: string): void {
    if (!this.#perform('syncDirectory', path)) return
    for (const operation of this.#pendingNames) applyName(this.#durableNames, operation)
    this.#pendingNames = []
  }

  realPath(path: string): string {
    this.#look('realPath', path)
    return path
  }

  pathsWithPrefix(prefix: string): string[] {
    this.#look('list', prefix)
    return this.paths.filter((path) => path.startsWith(prefix))
  }

  lock(path: string): Lock {
    if (this.#locks.has(path)) {
      const since = 'the beginning'
      throw new MillraceError('MILLRACE_LOCKED', {
        file: path,
        pid: 1,
        host: 'simulated',
        since,
        lockFile: `${path}.lock`,
      })
    }
    this.#locks.add(path)
    return { release: () => void this.#locks.delete(path) }
  }
}
