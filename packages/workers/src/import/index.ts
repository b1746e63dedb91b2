/**
 * Imports: from what a user names as a source to a committed load. The coordinator and what it needs live
 * here; what runs in other threads is in `threads/`, which uses this room's encoder.
 */
export type { ImportErrorKind } from '../errors/index.js'
export { AllowedPaths } from './allowed-paths.js'
export { sourceOfStream } from './byte-source.js'
export { requireColumnsOf } from './column-list.js'
export { ColumnNames } from './column-names.js'
export { Coordinator } from './coordinator.js'
export { diagnose } from './diagnosis.js'
export { ErrorLog } from './error-log.js'
export { withoutForeign } from './foreign-options.js'
export { Import, type ImportHost } from './import.js'
export { Ledger } from './ledger.js'
export type { KeptMemory } from './leftovers.js'
export {
  type FilesFound,
  findFiles,
  headerOf,
  InputFeed,
  type InputHeader,
  type OpenedInput,
  type OpeningOptions,
  openFile,
  openFirst,
  readHeader,
} from './open-inputs.js'
export { type CopyOptions, type ResolvedOptions, refuseUnknown, resolveOptions } from './options.js'
export { ProgressReporter } from './progress.js'
export type { ImportError, ImportProgress, ImportResult, ImportTimings, QuotePlace } from './result.js'
export {
  guessedTypes,
  knownOf,
  type SniffFileOptions,
  sniffCsvFile,
  sniffFiles,
  sniffHead,
  sniffStream,
  withSniffed,
} from './sniff-file.js'
export { findPaths, type ImportSource, type NamedStream, resolveSource } from './source.js'
export { openPipe, type SourcePath } from './source-file.js'
export type { BatchReceiver } from './store-receiver.js'
export { ringBytesFor, StreamInput } from './stream-input.js'
export { decoded } from './text-decoding.js'
export { untilAborted } from './until-aborted.js'
