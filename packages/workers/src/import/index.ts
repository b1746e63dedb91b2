/**
 * Imports: from what a user names as a source to a committed load. The coordinator and what it needs live
 * here; what runs in other threads is in `threads/`, which uses this room's encoder.
 */
export type { ImportErrorKind } from '../errors/index.js'
export { AllowedPaths } from './allowed-paths.js'
export { Import, type ImportHost } from './import.js'
export type { KeptMemory } from './leftovers.js'
export type { CopyOptions } from './options.js'
export type { ImportError, ImportProgress, ImportResult, ImportTimings } from './result.js'
export { type SniffFileOptions, sniffCsvFile } from './sniff-file.js'
export type { ImportSource } from './source.js'
export { openPipe } from './source-file.js'
export { untilAborted } from './until-aborted.js'
