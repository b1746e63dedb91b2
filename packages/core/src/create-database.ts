/** Makes a new, empty database file. */
import { randomUUID } from 'node:crypto'
import { emptyCatalog, encodeCatalog } from './catalog/index.js'
import { MillraceError } from './errors/index.js'
import { runPagesOf, sealRun, superblockPages } from './format/index.js'
import { type FileSystem, wrapIoError } from './io/index.js'
import { pageBytes } from './limits.js'
import { logPathOf } from './recovery.js'
import { writeRoots } from './roots.js'
import { readLogHeader } from './wal/index.js'

/**
 * Creates an empty database at `path`: written under another name, synced, then renamed, so that it appears
 * whole.
 * @throws MillraceError `MILLRACE_FOREIGN_LOG` when the log of a database that is gone lies there
 */
export function createDatabase(fileSystem: FileSystem, path: string): void {
  refuseOrphanedLog(fileSystem, path)
  const temporary = `${path}.tmp-new`
  const content = encodeCatalog(emptyCatalog)
  const region = new Uint8Array(runPagesOf(content.length) * pageBytes)
  region.set(content)
  const catalog = {
    firstPage: superblockPages,
    contentBytes: content.length,
    checksums: sealRun(region, content.length),
  }
  const pageCount = superblockPages + runPagesOf(content.length)
  const uuid = new Uint8Array(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'))
  try {
    const file = fileSystem.open(temporary, 'readWriteCreate')
    try {
      file.write(region, superblockPages * pageBytes)
      writeRoots(file, { uuid, checkpointNumber: 1, pageCount, catalog })
    } finally {
      file.close()
    }
    fileSystem.rename(temporary, path)
    fileSystem.syncDirectoryOf(path)
  } catch (error) {
    removeQuietly(fileSystem, temporary)
    throw wrapIoError(error, { operation: 'creating', file: path, neededBytes: pageCount * pageBytes })
  }
}

/** Removes what is left of a failed creation; the failure itself is what the caller has to hear of. */
function removeQuietly(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.remove(path)
  } catch {
    // The next open removes it.
  }
}

function refuseOrphanedLog(fileSystem: FileSystem, path: string): void {
  const logPath = logPathOf(path)
  if (!fileSystem.exists(logPath)) return
  const log = fileSystem.open(logPath, 'read')
  let isEmpty: boolean
  try {
    isEmpty = readLogHeader(log) === null
  } finally {
    log.close()
  }
  if (!isEmpty) {
    const reason = `the database ${path} is not there`
    throw new MillraceError('MILLRACE_FOREIGN_LOG', { file: logPath, reason })
  }
  fileSystem.remove(logPath)
}
