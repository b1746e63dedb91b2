/**
 * The content of a segment, as bytes. `docs/file-format.md`, "Segments", is the same for readers in other
 * languages. Everything is little-endian; offsets count from the start of the content.
 *
 * Segment header, 16 bytes:
 *
 * | at | bytes | holds                                                              |
 * |----|-------|--------------------------------------------------------------------|
 * | 0  | 1     | encoding (`encodings` in `segment.ts`; never 0)                    |
 * | 1  | 1     | logical type (`typeCode`; never 0)                                 |
 * | 2  | 1     | flags: bit 0: a validity bitmap follows                            |
 * | 3  | 1     | decimal: the scale; else 0                                         |
 * | 4  | 4     | rows                                                               |
 * | 8  | 4     | nulls                                                              |
 * | 12 | 4     | bytes of the content                                               |
 *
 * Then, when 0 < nulls < rows, the validity bitmap (1: a value), whole 64-bit words. Then the body, at a
 * multiple of 8:
 *
 * | encoding   | body                                                                              |
 * |------------|-----------------------------------------------------------------------------------|
 * | constant   | there is no content: the value is in the descriptor's statistics                  |
 * | bitPacked  | directory of 16-byte entries, bits                                                |
 * | delta      | directory of 24-byte entries, bits                                                |
 * | decimal    | as bitPacked; the value is the integer ÷ 10^scale                                 |
 * | dictionary | u32 entries, u32 offset of the string list, directory of codes, bits, string list |
 * | plain      | string list                                                                       |
 * | bitmap     | one bit a row, whole 64-bit words                                                 |
 * | plainDouble| 8 bytes a row                                                                     |
 *
 * A directory has an entry for each miniblock of 1,024 rows, so that any miniblock is reached directly:
 *
 * | bit-packed entry, 16 bytes     | delta entry, 24 bytes            |
 * |--------------------------------|----------------------------------|
 * | 0  i64 base                    | 0  i64 first value               |
 * | 8  u32 offset of the bits      | 8  i64 base of the differences   |
 * | 12 u32 width                   | 16 u32 offset of the bits        |
 * |                                | 20 u32 width                     |
 *
 * String list of n strings, at a multiple of 8:
 *
 * | at         | bytes     | holds                                                                   |
 * |------------|-----------|-------------------------------------------------------------------------|
 * | 0          | 1         | kind of heap: 1 as it is, 2 compressed in blocks; never 0               |
 * | 1          | 1         | compressed: blocks have 2^this bytes; else 0                            |
 * | 2          | 2         | zero                                                                    |
 * | 4          | 4         | bytes of the heap, not compressed                                       |
 * | 8          | 4         | offset of the heap                                                      |
 * | 12         | 4         | compressed: bytes of the heap as it is stored, directory included; else 0 |
 * | 16         | 16 × m    | directory of the lengths, bit-packed entries (m miniblocks)             |
 * | 16 + 16 m  | 4 × (m+1) | where each miniblock's strings begin in the heap; the end; zeros to 8   |
 * | …          |           | bits of the lengths, then the heap                                      |
 *
 * A compressed heap of b blocks; all but the last have 2^blockBits bytes when decompressed:
 *
 * | at         | bytes     | holds                                                                   |
 * |------------|-----------|-------------------------------------------------------------------------|
 * | 0          | 4 × (b+1) | of each block, where it begins in what is stored; the end               |
 * | 4 × (b+1)  |           | the blocks: LZ4, or as they are where stored and raw bytes are as many  |
 */

/** Rows of a miniblock; the kernels' constant of the same name. */
export const miniblockRows = 1024

export const segmentHeaderBytes = 16
export const packedEntryBytes = 16
export const deltaEntryBytes = 24
export const stringListHeaderBytes = 16
export const dictionaryHeaderBytes = 8

/** Flag bit: a validity bitmap follows the header. */
export const hasValidity = 1

/** Kind of heap: the bytes as they are. */
export const heapAsItIs = 1

/** Kind of heap: LZ4 blocks. */
export const heapInBlocks = 2

/** Blocks have 2^this bytes. A reader takes 16 to this: so a window for one block is bounded. */
export const blockBits = 18
export const blockBitsMin = 16

/** Bytes of a block before it is compressed; the last of a heap has fewer. */
export const blockBytes = 2 ** blockBits

/**
 * Kernels write up to this many bytes behind what they produce, and read as many behind what they consume.
 */
export const kernelSlackBytes = 16

/** Readable bytes that the compressor needs behind a block. */
export const blockSlackBytes = 64

/** Scratch of the compressor: positions by hash. */
export const blockSlotsBytes = 32 * 1024

/** Scratch of the packing kernels: one miniblock of lanes. */
export const residualBytes = miniblockRows * 8 + kernelSlackBytes

/** Miniblocks of `rows` rows. */
export function miniblocksOf(rows: number): number {
  return Math.ceil(rows / miniblockRows)
}

/** `bytes`, rounded up to a multiple of 8. */
export function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

/** Bytes of a bitmap of `rows` bits. */
export function bitmapBytes(rows: number): number {
  return Math.ceil(rows / 64) * 8
}

/** Bytes that `rows` lanes need so that kernels may work on whole octets. */
export function lanesBytes(rows: number): number {
  return Math.ceil(rows / 8) * 64 + kernelSlackBytes
}

/** Bytes of a string list's directory of lengths and its starts. */
export function stringListDirectoryBytes(entries: number): number {
  const miniblocks = miniblocksOf(entries)
  return miniblocks * packedEntryBytes + align8((miniblocks + 1) * 4)
}

/** Blocks of a heap. */
export function blocksOf(heapBytes: number, bits = blockBits): number {
  return Math.ceil(heapBytes / 2 ** bits)
}

/** Bytes of a compressed heap's directory. */
export function blockDirectoryBytes(blocks: number): number {
  return (blocks + 1) * 4
}

/** Room that the compressor needs for a block of `rawBytes`, whatever it makes of it. */
export function packedBytesMax(rawBytes: number): number {
  return rawBytes + Math.floor(rawBytes / 255) + blockSlackBytes
}
