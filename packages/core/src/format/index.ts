/**
 * The bytes of the data file: pages, page runs, superblocks, and the little-endian cursors that read and
 * write structures.
 */
export { ByteReader, type BytesSource, ByteWriter, bytesWritten, type PartTaker } from './bytes.js'
export { crc32 } from './checksum.js'
export * from './page-run.js'
export { keepBytes, keepWords, takeWords } from './shared-arrays.js'
export {
  type DecodedSuperblock,
  decodeSuperblock,
  encodeSuperblock,
  formatVersion,
  type Superblock,
  superblockPages,
  uuidBytes,
} from './superblock.js'
