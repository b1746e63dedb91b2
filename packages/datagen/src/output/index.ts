/** Output: where documents are written, all of them or none. */
export { type PlaceOptions, placesOf } from './places.js'
export { FileTarget, GzipTarget, StreamTarget, type Target } from './target.js'
export { type WriteOptions, type WriteProgress, type Written, writeDocuments } from './write-documents.js'
