/**
 * Files: the interface behind which everything outside lies, the real file system, the lock, errors with
 * advice.
 */
export type { File, FileSystem, Lock, OpenMode } from './file.js'
export { errnoOf, type IoContext, ioHintOf, withIoErrors, wrapIoError } from './io-error.js'
export { acquireLock, lockPathOf, releaseQuietly, removeLockOfThread } from './lock.js'
export { nodeFileSystem } from './node-file-system.js'
