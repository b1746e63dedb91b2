/**
 * Choosing how strings are written: as a dictionary when that is smaller, else as they are.
 *
 * A sample tells columns of (nearly) all distinct values apart before the work of a dictionary is begun; what
 * was begun is given up as soon as there are too many entries. Another sample tells whether the bytes that
 * are left are worth compressing.
 */
import type { ColumnBuffer } from './column-buffer.js'
import { laneBytes } from './column-buffer.js'
import type { EncodeContext, EncodingPlan } from './encoding-plan.js'
import {
  allocateBlockScratch,
  type BlockScratch,
  blockScratchBytes,
  isCompressible,
  looksCompressible,
} from './encodings/compressed-heap.js'
import { dictionaryBytes, dictionaryEntriesMax, writeDictionary } from './encodings/dictionary.js'
import {
  type StringSource,
  savedByBlocks,
  stringListBytes,
  writeStringList,
} from './encodings/string-list.js'
import { lanesBytes } from './layout.js'
import { constantStringBytesMax, type SegmentStats, statsPrefixBytesMax } from './segment.js'
import { readIntSummary, readStringSummary, summaryBytes } from './summary.js'

/** Rows of the sample. Fewer rows than this are not sampled. */
const sampledRows = 1024

/** Slots of the table for the sample. */
const sampleSlots = 4096

/** A sample with fewer repetitions than this has more distinct values than a dictionary may have entries. */
const sampleRepetitionsMin = 16

/** Slots of the table for a dictionary of at most `entriesMax` entries: at least twice as many. */
function slotsFor(entriesMax: number): number {
  return Math.max(sampleSlots, 2 ** Math.ceil(Math.log2(entriesMax * 2)))
}

/** Entries worth having in a dictionary of `rows` rows. */
export function entriesMaxFor(rows: number): number {
  return Math.min(dictionaryEntriesMax, Math.max(256, Math.ceil(rows / 2)))
}

/** Scratch that planning strings takes. */
export function stringScratchBytes(rows: number): number {
  const entries = entriesMaxFor(rows)
  const lists = lanesBytes(rows) + entries * laneBytes + lanesBytes(entries)
  return lists + slotsFor(entries) * 8 + 2 * summaryBytes(rows) + blockScratchBytes
}

/** Copies the bytes of the string whose lane is at `lane`, at most `bytesMax` of them. */
function copyString(view: DataView, lane: number, bytesMax: number): Uint8Array {
  const length = Math.min(view.getUint32(lane + 4, true), bytesMax)
  return new Uint8Array(view.buffer, view.getUint32(lane, true), length).slice()
}

interface StringFacts {
  readonly stats: SegmentStats
  readonly strictlyIncreasing: boolean
  readonly constant: boolean
}

/** Smallest and largest of the string lanes at `lanes`. `nulls` may be 0. */
function factsOf(
  context: EncodeContext,
  lanes: number,
  nulls: number,
  rows: number,
  at: number,
): StringFacts {
  context.kernels.analyzeStrings(lanes, nulls, rows, at)
  const view = new DataView(context.arena.memory.buffer)
  const summary = readStringSummary(view, at)
  const minLane = lanes + summary.minRow * laneBytes
  const constant =
    summary.constant && nulls === 0 && view.getUint32(minLane + 4, true) <= constantStringBytesMax
  const bytesMax = constant ? constantStringBytesMax : statsPrefixBytesMax
  return {
    stats: {
      kind: 'string',
      min: copyString(view, minLane, bytesMax),
      max: copyString(view, lanes + summary.maxRow * laneBytes, bytesMax),
    },
    strictlyIncreasing: summary.strictlyIncreasing,
    constant,
  }
}

/** A region for the dictionary's table, and for its entries. */
interface DictionaryScratch {
  readonly slots: number
  readonly entries: number
}

/** Whether a sample has repetitions enough for a dictionary of the whole column to be worth trying. */
function looksRepetitive(context: EncodeContext, buffer: ColumnBuffer, scratch: DictionaryScratch): boolean {
  const { rows, values } = buffer
  if (rows <= sampledRows) return true
  const nulls = buffer.nullCount === 0 ? 0 : buffer.nulls
  const stride = Math.floor(rows / sampledRows)
  const limit = Math.min(Math.ceil(rows / stride) - sampleRepetitionsMin, entriesMaxFor(rows))
  const { slots, entries } = scratch
  const mask = sampleSlots - 1
  return context.kernels.buildDictionary(values, nulls, rows, stride, slots, mask, entries, limit, 0) >= 0
}

/**
 * Builds the dictionary of the whole column, its codes at `codes`; null when it would have too many entries.
 */
function buildDictionary(
  context: EncodeContext,
  buffer: ColumnBuffer,
  scratch: DictionaryScratch,
  codes: number,
): number | null {
  const { rows, values } = buffer
  const nulls = buffer.nullCount === 0 ? 0 : buffer.nulls
  const limit = entriesMaxFor(rows)
  const { slots, entries } = scratch
  const mask = slotsFor(limit) - 1
  const count = context.kernels.buildDictionary(values, nulls, rows, 1, slots, mask, entries, limit, codes)
  return count < 0 ? null : count
}

/** Lengths of `count` strings and what they pack to. */
function measure(
  context: EncodeContext,
  lanes: number,
  count: number,
  lengths: number,
  summary: number,
): MeasuredStrings {
  const { kernels, arena } = context
  const heapBytes = kernels.stringLengths(lanes, count, lengths)
  kernels.analyzeInts(lengths, count, summary)
  const { packedBytes } = readIntSummary(new DataView(arena.memory.buffer), summary)
  const source = { lanes, count, lengths, summary, heapBytes }
  return { source, listBytes: stringListBytes(count, packedBytes, heapBytes) }
}

/** Plans a STRING column with at least one value. */
export function planStrings(context: EncodeContext, buffer: ColumnBuffer): EncodingPlan {
  const { arena, kernels } = context
  const { rows, values } = buffer
  const nulls = buffer.nullCount === 0 ? 0 : buffer.nulls
  // One region serves the lengths first, then the codes, then, when those are not wanted, the lengths again.
  const lanes = arena.allocate(lanesBytes(rows))
  const summary = arena.allocate(summaryBytes(rows))
  const entrySummary = arena.allocate(summaryBytes(rows))
  const entries = arena.allocate(entriesMaxFor(rows) * laneBytes)
  const slots = arena.allocate(slotsFor(entriesMaxFor(rows)) * 8)
  const scratch = { slots, entries }

  const plain = measure(context, values, rows, lanes, summary)
  if (!looksRepetitive(context, buffer, scratch)) {
    return plainPlan(context, factsOf(context, values, nulls, rows, entrySummary), plain)
  }
  const count = buildDictionary(context, buffer, scratch, lanes)
  if (count === null) {
    const facts = factsOf(context, values, nulls, rows, entrySummary)
    return plainPlan(context, facts, measure(context, values, rows, lanes, summary))
  }
  // The entries are the column's values: their statistics are its own, and they are fewer.
  const ofEntries = factsOf(context, entries, 0, count, entrySummary)
  const strictlyIncreasing = ofEntries.strictlyIncreasing && count === rows
  const facts = { stats: ofEntries.stats, strictlyIncreasing, scale: 0 }
  if (ofEntries.constant && nulls === 0) {
    return { ...facts, encoding: 'constant', bodyBytes: 0, write: (writer) => writer.body }
  }
  const list = measure(context, entries, count, arena.allocate(lanesBytes(count)), entrySummary)
  kernels.analyzeInts(lanes, rows, summary)
  const codes = readIntSummary(new DataView(arena.memory.buffer), summary)
  const bodyBytes = dictionaryBytes(rows, codes, list.listBytes)
  if (bodyBytes < plain.listBytes) {
    const scratch = scratchToCompress(context, list.source)
    const saved = scratch === null ? 0 : savedByBlocks(list.source.heapBytes)
    const write: EncodingPlan['write'] = (writer) =>
      writeDictionary(writer, lanes, summary, list.source, scratch)
    return { ...facts, encoding: 'dictionary', bodyBytes: bodyBytes - saved, write }
  }
  return plainPlan(context, facts, measure(context, values, rows, lanes, summary))
}

interface MeasuredStrings {
  readonly source: StringSource
  readonly listBytes: number
}

/** Where to compress the heap of these strings, or null when that would not pay. */
function scratchToCompress(context: EncodeContext, source: StringSource): BlockScratch | null {
  const { arena, kernels } = context
  const { lanes, count, heapBytes } = source
  if (!isCompressible(heapBytes)) return null
  const scratch = allocateBlockScratch(arena, heapBytes)
  const view = new DataView(arena.memory.buffer)
  return looksCompressible(kernels, view, scratch, lanes, count, heapBytes) ? scratch : null
}

function plainPlan(
  context: EncodeContext,
  facts: Pick<StringFacts, 'stats' | 'strictlyIncreasing'>,
  { source, listBytes }: MeasuredStrings,
): EncodingPlan {
  const scratch = scratchToCompress(context, source)
  return {
    stats: facts.stats,
    strictlyIncreasing: facts.strictlyIncreasing,
    scale: 0,
    encoding: 'plain',
    bodyBytes: scratch === null ? listBytes : listBytes - savedByBlocks(source.heapBytes),
    write: (writer) => writeStringList(writer, writer.body, source, scratch),
  }
}
