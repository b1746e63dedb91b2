/**
 * What an open finds: the ruling superblock, its catalog, and the log that continues it. `docs/durability.md`
 * has the table of cases and the numbered invariants; the numbers here are theirs.
 *
 * Recovery itself writes nothing: it can be interrupted at any point and done again. What has to be put right
 * afterwards (the other superblock, the log's tail, the file's length) is in its result, for the writer to
 * do.
 */
import { BufferPool, PageReader, poolBytesMin } from './buffer/index.js'
import { type Catalog, changedPages, decodeCatalog, decodeChange, tableExtents } from './catalog/index.js'
import { applyToState, checkChange, type Delta, type GraphState, stateOf } from './delta/index.js'
import { MillraceError } from './errors/index.js'
import { type Extent, extentOf, type PageRun, type Superblock } from './format/index.js'
import { FreeSpace } from './free-space.js'
import { errnoOf, type File, type FileSystem, withIoErrors } from './io/index.js'
import { pageBytes } from './limits.js'
import { type Roots, readRoots } from './roots.js'
import { corruptRecord, type LoggedChange, type LogHeader, readLog, readLogHeader } from './wal/index.js'

/** The log, when it continues the ruling superblock. */
export interface RecoveredLog {
  readonly file: File
  readonly header: LogHeader
  readonly endByte: number
}

export interface Recovered {
  readonly roots: Roots
  /** There is a log, and it is of an earlier checkpoint. */
  readonly hasOlderLog: boolean
  readonly catalog: Catalog
  /** Small writes of the log that are not in segments. */
  readonly delta: Delta
  readonly space: FreeSpace
  readonly log: RecoveredLog | null
  /** Transactions replayed from the log. */
  readonly replayed: number
  /** Bytes of the log that belong to no complete transaction. */
  readonly droppedLogBytes: number
}

/** The log's path of the database at `path`. */
export function logPathOf(path: string): string {
  return `${path}-wal`
}

function formatUuid(uuid: Uint8Array): string {
  return Buffer.from(uuid).toString('hex')
}

function readCatalog(file: File, superblock: Superblock): Catalog {
  const run = superblock.catalog
  const end = superblock.pageCount * pageBytes
  const size = file.size()
  if (size < end) {
    throw corruptFile(
      file,
      `it ends at byte ${size}, and ${superblock.pageCount} pages (${end} bytes) are in use`,
    )
  }
  // A pool for this one read: catalog pages would only push out what queries use.
  const reader = new PageReader(file, BufferPool.create(poolBytesMin))
  const bytes = new Uint8Array(run.contentBytes)
  reader.read(run, { what: 'the catalog' }, 0, bytes)
  return decodeCatalog(bytes, { file: file.path, what: 'the catalog' })
}

interface Step {
  readonly state: GraphState
  /** Pages that the change makes unreachable. */
  readonly removed: readonly Extent[]
}

function replay(log: File, state: GraphState, { transaction, lsn, change }: LoggedChange): Step {
  const expected = state.catalog.version + 1
  if (transaction !== expected) {
    throw corruptRecord(log, lsn, `it is transaction ${transaction}, ${expected} is expected`)
  }
  try {
    const source = { file: log.path, what: `the log record at byte ${lsn}` }
    const decoded = decodeChange(change, source)
    checkChange(state, decoded)
    return { state: applyToState(state, decoded), removed: changedPages(state.catalog, decoded).removed }
  } catch (error) {
    if (error instanceof MillraceError && error.code !== 'MILLRACE_CORRUPT') {
      throw corruptRecord(log, lsn, error.message)
    }
    throw error
  }
}

/** Opens the log, or says null when there is none. */
function openLog(fileSystem: FileSystem, path: string, mode: 'read' | 'readWrite'): File | null {
  return withIoErrors({ operation: 'opening', file: path }, () => {
    try {
      return fileSystem.open(path, mode)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null
      throw error
    }
  })
}

/**
 * The header of a log that continues `superblock`; null when the log holds nothing or is of an earlier
 * checkpoint.
 * @throws MillraceError `MILLRACE_FOREIGN_LOG`, or `MILLRACE_CORRUPT` when it continues a checkpoint that is
 * not there
 */
function continuingHeader(log: File, superblock: Superblock): LogHeader | null {
  const header = readLogHeader(log)
  if (header === null) return null
  if (Buffer.compare(header.uuid, superblock.uuid) !== 0) {
    const reason = `it belongs to ${formatUuid(header.uuid)}, the database is ${formatUuid(superblock.uuid)}`
    throw new MillraceError('MILLRACE_FOREIGN_LOG', { file: log.path, reason })
  }
  if (header.checkpointNumber > superblock.checkpointNumber) {
    const what =
      `it continues checkpoint ${header.checkpointNumber}, ` +
      `but the newest superblock of the database is of checkpoint ${superblock.checkpointNumber}`
    throw new MillraceError('MILLRACE_CORRUPT', { file: log.path, what })
  }
  return header.checkpointNumber === superblock.checkpointNumber ? header : null
}

function corruptFile(file: File, what: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', { file: file.path, what })
}

function* extentsOf(catalog: Catalog): Generator<Extent> {
  for (const table of catalog.tables) yield* tableExtents(table)
}

/** The page behind the last one that `catalog` or its own run reaches: the superblock's page count. */
export function reachableEnd(catalog: Catalog, catalogRun: PageRun): number {
  const endOf = ({ first, pages }: Extent) => first + pages
  let end = endOf(extentOf(catalogRun))
  for (const extent of extentsOf(catalog)) end = Math.max(end, endOf(extent))
  return end
}

/**
 * Free space, once the log is replayed. What its changes have made unreachable, one after the other, waits
 * for a checkpoint, as it would have without the restart: the end of the log may be in the page cache alone,
 * after a sync that failed, and the next open then finds a log that ends earlier.
 */
function deriveSpace(file: File, superblock: Superblock, { catalog: after, removed }: Replayed): FreeSpace {
  const space = FreeSpace.derive([extentOf(superblock.catalog), ...extentsOf(after), ...removed])
  if (typeof space === 'string') throw corruptFile(file, space)
  const size = file.size()
  const needed = space.pageCount * pageBytes
  if (size < needed) {
    throw corruptFile(
      file,
      `it ends at byte ${size}, and ${space.pageCount} pages (${needed} bytes) are in use`,
    )
  }
  space.commit(after.version, [], removed)
  return space
}

interface Replayed extends GraphState {
  /** Pages that were reached at some point of the log, and are not any more. */
  readonly removed: readonly Extent[]
  readonly hasOlderLog: boolean
  readonly log: RecoveredLog | null
  readonly replayed: number
  readonly droppedLogBytes: number
}

function notReplayed(catalog: Catalog): Replayed {
  return { ...stateOf(catalog), removed: [], hasOlderLog: false, log: null, replayed: 0, droppedLogBytes: 0 }
}

function replayLog(log: File, superblock: Superblock, before: Catalog): Replayed {
  const header = continuingHeader(log, superblock)
  let state = stateOf(before)
  if (header === null) {
    const droppedLogBytes = log.size()
    return { ...notReplayed(before), hasOlderLog: droppedLogBytes > 0, droppedLogBytes }
  }
  let replayed = 0
  const removed: Extent[] = []
  const { endByte, droppedBytes } = readLog(log, header, (change) => {
    const step = replay(log, state, change)
    state = step.state
    for (const extent of step.removed) removed.push(extent)
    replayed++
  })
  const continued = { file: log, header, endByte }
  return { ...state, removed, hasOlderLog: false, log: continued, replayed, droppedLogBytes: droppedBytes }
}

/**
 * Finds the state of the database in `file` and its log. With `mode` 'readWrite' the files are synced first,
 * so that nothing is taken for durable that only the page cache holds.
 * @throws MillraceError that names the place, when what is there is damaged or belongs elsewhere
 */
export function recover(fileSystem: FileSystem, file: File, mode: 'read' | 'readWrite'): Recovered {
  if (mode === 'readWrite') withIoErrors({ operation: 'syncing', file: file.path }, () => file.sync())
  return withIoErrors({ operation: 'reading', file: file.path }, () => recoverSynced(fileSystem, file, mode))
}

function recoverSynced(fileSystem: FileSystem, file: File, mode: 'read' | 'readWrite'): Recovered {
  const roots = readRoots(file)
  const superblock = roots.ruling
  const before = readCatalog(file, superblock)
  const log = openLog(fileSystem, logPathOf(file.path), mode)
  let keepLog = false
  try {
    const found =
      log === null
        ? notReplayed(before)
        : withIoErrors({ operation: 'reading', file: log.path }, () => {
            if (mode === 'readWrite') log.sync()
            return replayLog(log, superblock, before)
          })
    const space = deriveSpace(file, superblock, found)
    keepLog = found.log !== null
    return { roots, space, ...found }
  } finally {
    if (!keepLog) log?.close()
  }
}

/** Attempts to read a consistent state beside a writer that is checkpointing. */
const besideWriterAttemptsMax = 20

/**
 * As `recover`, for reading only. A writer may be checkpointing beside us: what was read counts only if the
 * root is still the same afterwards.
 */
export function recoverBesideWriter(fileSystem: FileSystem, file: File): Recovered {
  for (let attempt = 1; ; attempt++) {
    const numberBefore = readRoots(file).ruling.checkpointNumber
    const isStable = () => readRoots(file).ruling.checkpointNumber === numberBefore
    try {
      const recovered = recover(fileSystem, file, 'read')
      recovered.log?.file.close()
      if (isStable() || attempt === besideWriterAttemptsMax) return recovered
    } catch (error) {
      if (isStable() || attempt === besideWriterAttemptsMax) throw error
    }
  }
}
