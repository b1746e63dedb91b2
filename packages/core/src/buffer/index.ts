/**
 * Pages in shared memory: the pool that all threads share, its frame states, and the verified reading of page
 * runs.
 */
export { BufferPool, poolBytesMin } from './buffer-pool.js'
export { describePlace, PageReader, type PageReaderOptions, type RunPlace } from './page-reader.js'
