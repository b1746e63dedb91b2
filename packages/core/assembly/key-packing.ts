/**
 * Kernels of packed keys: strings in as few bits as the keys of their table allow.
 * Conventions: as in `keys.ts`.
 *
 * Each byte of a string, and its end, has a prefix code that depends on its context: the position, or the
 * bytes before (0 before the first), of which each is mixed into the context by a shift. The codes follow one
 * another from the lowest bit on, and zeros follow them, so different strings have different bits.
 * `src/table/key-packing.ts` makes the tables.
 *
 * | part of the tables, u32 | holds                                                                         |
 * |-------------------------|-------------------------------------------------------------------------------|
 * | 256 × c + b             | byte b in context c: bits 31 … 8 its code, 7 … 0 the bits of it; 255: it has none |
 * | 256 × contexts + c      | the same of the end of a string                                               |
 *
 * Where all keys are of one length, and each position has codes of one length, there are also the codes as
 * they are placed in the words, so that a word is put together by nothing but OR:
 *
 * | byte          | holds                                                                                   |
 * |---------------|-----------------------------------------------------------------------------------------|
 * | 0             | u32 bytes of a key, u32 of a packed key, u32 words of it, u32 unused                    |
 * | 16            | for each of three words: u32 first position with bits in it, u32 end                    |
 * | 40            | for each word, and each of its positions: u64 × 256 bits of the byte there; ~0: it has  |
 * |               | no code                                                                                 |
 *
 * What becomes of a string is a record of 32 bytes:
 *
 * | byte | type    | holds                                                                                |
 * |------|---------|--------------------------------------------------------------------------------------|
 * | 0    | u64 × 3 | the packed key; its first word mixed with the others, which is a bijection of it      |
 * | 24   | u32     | the row                                                                              |
 * | 28   | u32     | bytes of the packed key; 0: they are fewer or more than there is room for, or a byte |
 * |      |         | has no code, and the first word is the hash of the string                           |
 *
 * The plain TypeScript twin is `plainPack` in `src/table/key-packing.test.ts`.
 */
import { memoryBytes } from './bytes'
import { sumCounts } from './counts'
import { hashBytes, mixCode, mixWord } from './hash'

const recordBits: u32 = 5
const packedBytesMax: usize = 24
const contextBits: u32 = 10
const placedHeadBytes: usize = 40
const rowByte: usize = 24
const sizeByte: usize = 28

/** Set in the entry of what has no code, and in no other. */
const noCode: u32 = 128
const bitsMask: u32 = 31

/**
 * Packs a string into the three words at `out`, which are zero.
 * @returns bytes of the packed key, 8 … 24, or 0 when it has more, or a byte without a code
 */
function packString(text: usize, length: u32, tables: usize, contexts: u32, shift: u32, out: usize): u32 {
  const byPosition = shift === 0
  if (byPosition && length >= contexts) return 0
  const limit = out + packedBytesMax
  const end = text + <usize>length
  let at = out
  let context: u32 = 0
  let word: u64 = 0
  let bits: u32 = 0
  let seen: u32 = 0
  for (; text < end; ++text) {
    const byte = <u32>load<u8>(text)
    const entry = load<u32>(tables + ((<usize>((context << 8) | byte)) << 2))
    context = byPosition ? context + 1 : ((context << shift) ^ byte) & (contexts - 1)
    const code = <u64>(entry >> 8)
    seen |= entry
    word |= code << bits
    bits += entry & bitsMask
    if (bits >= 64) {
      if (at === limit) return 0
      store<u64>(at, word)
      at += 8
      bits -= 64
      word = code >> ((entry & bitsMask) - bits)
    }
  }
  const ends = tables + ((<usize>contexts) << contextBits)
  const last = load<u32>(ends + ((<usize>context) << 2))
  const code = <u64>(last >> 8)
  if (((seen | last) & noCode) !== 0) return 0
  word |= code << bits
  bits += last & bitsMask
  if (bits > 0) {
    if (at === limit) return 0
    store<u64>(at, word)
  }
  if (bits > 64) {
    at += 8
    bits -= 64
    if (at === limit) return 0
    store<u64>(at, code >> ((last & bitsMask) - bits))
  }
  return max<u32>(8, <u32>(at - out) + ((bits + 7) >> 3))
}

/**
 * The same by the placed codes of keys whose packed keys are all alike.
 * @returns as `packString`; 0 also where a word is all ones, which may be a byte without a code
 */
function packPlaced(text: usize, length: u32, placed: usize, out: usize): u32 {
  if (length !== load<u32>(placed)) return 0
  const words = load<u32>(placed, 8)
  let codes = placed + placedHeadBytes
  for (let index: u32 = 0; index < words; ++index) {
    const range = placed + 16 + ((<usize>index) << 3)
    const end = text + <usize>load<u32>(range, 4)
    let word: u64 = 0
    for (let at = text + <usize>load<u32>(range); at < end; ++at) {
      word |= load<u64>(codes + ((<usize>load<u8>(at)) << 3))
      codes += 2048
    }
    if (word === ~(<u64>0)) return 0
    store<u64>(out + ((<usize>index) << 3), word)
  }
  return load<u32>(placed, 4)
}

/**
 * Writes a record for each string that is not null and has no answer yet. `nulls` and `answers` may be 0: all
 * count. `shift`: 0 where contexts are positions; else contexts are a power of two.
 * `placed`: the placed codes, or 0. `sizes`: bytes of a packed key at least (bits 7 … 0) and at most (15 …
 * 8). `takesOthers` 0: only of strings whose packed keys are so.
 * @returns records written
 */
export function packStrings(
  lanes: usize,
  nulls: usize,
  answers: usize,
  rows: u32,
  firstRow: u32,
  tables: usize,
  contexts: u32,
  shift: u32,
  placed: usize,
  sizes: u32,
  takesOthers: u32,
  records: usize,
): u32 {
  const memoryEnd = memoryBytes()
  let out = records
  for (let row: u32 = 0; row < rows; ++row) {
    if (answers !== 0 && load<i64>(answers + ((<usize>row) << 3)) !== -1) continue
    if (nulls !== 0 && load<u8>(nulls + row) !== 0) continue
    const lane = lanes + ((<usize>row) << 3)
    const text = <usize>load<u32>(lane)
    const length = load<u32>(lane, 4)
    v128.store(out, i64x2.splat(0))
    store<u64>(out, 0, 16)
    let size: u32 = placed === 0 ? 0 : packPlaced(text, length, placed, out)
    if (size === 0) {
      store<u64>(out, 0)
      size = packString(text, length, tables, contexts, shift, out)
    }
    if (size < (sizes & 255) || size > sizes >> 8) size = 0
    if (size !== 0) {
      const rest = mixWord(mixWord(0, load<u64>(out, 8)), load<u64>(out, 16))
      store<u64>(out, mixCode(load<u64>(out) ^ rest))
    } else {
      if (takesOthers === 0) continue
      store<u64>(out, hashBytes(text, length, memoryEnd))
    }
    store<u32>(out, firstRow + row, rowByte)
    store<u32>(out, size, sizeByte)
    out += 1 << recordBits
  }
  return <u32>((out - records) >> recordBits)
}

/**
 * Copies records to `out` in the order of the top 8 bits of their first words, stably: so that what is looked
 * up together lies in one part of a map. `places`: 2 KiB of scratch.
 */
export function scatterRecords(records: usize, count: u32, places: usize, out: usize): void {
  const counts = places + 1024
  memory.fill(counts, 0, 1024)
  for (let index: u32 = 0; index < count; ++index) {
    const at = counts + ((<usize>load<u8>(records + ((<usize>index) << recordBits), 7)) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  sumCounts(counts, places, 256)
  for (let index: u32 = 0; index < count; ++index) {
    const record = records + ((<usize>index) << recordBits)
    const at = places + ((<usize>load<u8>(record, 7)) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    const to = out + ((<usize>place) << recordBits)
    v128.store(to, v128.load(record))
    v128.store(to, v128.load(record, 16), 16)
  }
}
