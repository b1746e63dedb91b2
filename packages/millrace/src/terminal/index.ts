/** What a person sees at a terminal besides data: quantities, colours, progress. */
export { coloursFor, isTerminal, type MaybeTerminal } from './colours.js'
export { type GeneratedSoFar, GenerateProgress } from './generate-progress.js'
export { LoadProgress, type LoadProgressOptions } from './load-progress.js'
export {
  formatByteRate,
  formatBytes,
  formatCount,
  formatDuration,
  formatRowRate,
  formatRows,
  parseBytes,
} from './units.js'
export { visible, visibleLines } from './visible.js'
