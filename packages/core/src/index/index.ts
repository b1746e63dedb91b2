/**
 * The key index: immutable runs of (hash, node offset) pages, written in hash order, searched one page a key,
 * merged like a log-structured tree. It finds offsets whose key may be the one asked for; who asks compares
 * the key itself. It knows pages and hashes, but neither types nor tables.
 */
export {
  bucketOf,
  checkPageEntries,
  indexedOffsetsMax,
  KeyPage,
  keptHash,
  pageEntriesMax,
  pageLanesBytes,
} from './key-page.js'
export { type DuplicateCheck, KeyRunMerge } from './key-run-merge.js'
export { KeyRunReader } from './key-run-reader.js'
export { bucketPagesFor, KeyRunWriter } from './key-run-writer.js'
export { PageRunWriter } from './page-run-writer.js'
export type { PageStore } from './page-store.js'
