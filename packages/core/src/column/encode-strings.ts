/**
 * Choosing how strings are written: as a dictionary when that is smaller, else as they are.
 *
 * A sample tells columns of (nearly) all distinct values apart before the work of a dictionary is begun; what was begun is
 * given up as soon as there are too many entries.
 */
import type { ColumnBuffer } from './column-buffer.js'
import { laneBytes } from './column-buffer.js'
import type { EncodeContext, EncodingPlan } from './encoding-plan.js'
import { dictionaryBytes, dictionaryEntriesMax, writeDictionary } from './encodings/dictionary.js'
import { type StringSource, stringListBytes, writeStringList } from './encodings/string-list.js'
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
  return lists + slotsFor(entries) * 8 + 2 * summaryBytes(rows)
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

/** Builds the dictionary of the whole column, or says that there is none worth having. Codes go to `codes`. */
function tryDictionary(
  context: EncodeContext,
  buffer: ColumnBuffer,
  entries: number,
  codes: number,
): number | null {
  const { arena, kernels } = context
  const { rows, values } = buffer
  const nulls = buffer.nullCount === 0 ? 0 : buffer.nulls
  const entriesMax = entriesMaxFor(rows)
  const slotCount = slotsFor(entriesMax)
  const slots = arena.allocate(slotCount * 8)
  if (rows > sampledRows) {
    const stride = Math.floor(rows / sampledRows)
    const sampled = Math.ceil(rows / stride)
    const limit = Math.min(sampled - sampleRepetitionsMin, entriesMax)
    const distinct = kernels.buildDictionary(
      values,
      nulls,
      rows,
      stride,
      slots,
      sampleSlots - 1,
      entries,
      limit,
      0,
    )
    if (distinct < 0) return null
  }
  const count = kernels.buildDictionary(
    values,
    nulls,
    rows,
    1,
    slots,
    slotCount - 1,
    entries,
    entriesMax,
    codes,
  )
  return count < 0 ? null : count
}

/** Lengths of `count` strings and what they pack to. */
function measure(
  context: EncodeContext,
  lanes: number,
  count: number,
  lengths: number,
  summary: number,
): { source: StringSource; listBytes: number } {
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
  const plain = measure(context, values, rows, lanes, summary)

  const count = tryDictionary(context, buffer, entries, lanes)
  if (count !== null) {
    const entryLengths = arena.allocate(lanesBytes(count))
    const { stats, strictlyIncreasing, constant } = factsOf(context, entries, 0, count, entrySummary)
    const distinct = count === rows && nulls === 0
    const facts = { stats, strictlyIncreasing: strictlyIncreasing && distinct, scale: 0 }
    if (constant && nulls === 0) return { ...facts, encoding: 'constant', bodyBytes: 0, write: () => {} }
    const list = measure(context, entries, count, entryLengths, entrySummary)
    kernels.analyzeInts(lanes, rows, summary)
    const codes = readIntSummary(new DataView(arena.memory.buffer), summary)
    const bodyBytes = dictionaryBytes(rows, codes, list.listBytes)
    if (bodyBytes < plain.listBytes) {
      const write: EncodingPlan['write'] = (writer) => writeDictionary(writer, lanes, summary, list.source)
      return { ...facts, encoding: 'dictionary', bodyBytes, write }
    }
    const again = measure(context, values, rows, lanes, summary)
    return { ...facts, encoding: 'plain', bodyBytes: again.listBytes, write: writePlain(again.source) }
  }
  const { stats, strictlyIncreasing } = factsOf(context, values, nulls, rows, entrySummary)
  const again = measure(context, values, rows, lanes, summary)
  return {
    stats,
    strictlyIncreasing,
    scale: 0,
    encoding: 'plain',
    bodyBytes: again.listBytes,
    write: writePlain(again.source),
  }
}

function writePlain(source: StringSource): EncodingPlan['write'] {
  return (writer) => {
    writeStringList(writer, writer.body, source)
  }
}
