/**
 * The WebAssembly kernels of tables and their keys, typed.
 *
 * They live in the same module as the column kernels and hold no state of their own, so a second instance
 * over the same memory costs nothing but its exports. Addresses are byte offsets into that memory; all
 * regions belong to the caller.
 */
import { columnKernelsModule } from '../column/index.js'

export interface TableKernels {
  // keys.ts
  countOnes(address: number, length: number): number
  sumStringBytes(lanes: number, rows: number): number
  resolveSorted(
    keys: number,
    nulls: number,
    rows: number,
    groups: number,
    groupCount: number,
    out: number,
  ): number
  resolveRange(
    keys: number,
    nulls: number,
    rows: number,
    min: bigint,
    max: bigint,
    firstOffset: number,
    out: number,
  ): number
  markRanks(keys: number, rows: number, least: bigint, ranks: number): void
  sumRanks(ranks: number, words: number): number
  findRanks(
    keys: number,
    nulls: number,
    rows: number,
    least: bigint,
    span: bigint,
    ranks: number,
    out: number,
  ): number
  orderMarked(
    answers: number,
    rows: number,
    slots: number,
    counts: number,
    places: number,
    order: number,
  ): void
  searchSorted(
    keys: number,
    order: number,
    count: number,
    answers: number,
    lanes: number,
    laneRows: number,
    firstOffset: number,
  ): void
  partitionMarked(
    keys: number,
    answers: number,
    rows: number,
    firstOffset: number,
    bounds: number,
    partitions: number,
    counts: number,
    places: number,
    out: number,
  ): void
  firstWords(pairs: number, count: number, out: number): void
  countMissing(answers: number, rows: number): number
  firstFound(answers: number, rows: number): number
  collectMissing(
    hashes: number,
    nulls: number,
    answers: number,
    rows: number,
    firstRow: number,
    pairs: number,
  ): number
  partitionHashes(
    hashes: number,
    rows: number,
    firstOffset: number,
    bits: number,
    counts: number,
    places: number,
    out: number,
  ): void
  selectPairs(
    pairs: number,
    count: number,
    bits: number,
    prefix: number,
    out: number,
    countMax: number,
  ): number
  sortPairs(
    pairs: number,
    scratch: number,
    count: number,
    counts: number,
    wordOffset: number,
    firstBit: number,
  ): void
  pairBucket(pair: number, bucketPages: number): number
  pairsToEntries(pairs: number, count: number, bucketPages: number, lanes: number, entriesMax: number): number
  probePage(
    page: number,
    entriesMax: number,
    bucket: number,
    bucketPages: number,
    pairs: number,
    count: number,
    candidates: number,
    candidateCount: number,
    candidatesMax: number,
  ): number
  // candidates.ts
  addCandidates(
    words: number,
    count: number,
    guide: number,
    shift: number,
    starts: number,
    groupCount: number,
    groups: number,
    blocks: number,
  ): number
  verifyFixed: Verify
  verifyLanes: (...args: [...Parameters<Verify>, nulls: number]) => void
  // key-codes.ts
  scanStrings(lanes: number, nulls: number, rows: number, positionsMax: number, seen: number): number
  codeStrings(
    lanes: number,
    nulls: number,
    answers: number,
    rows: number,
    firstRow: number,
    alphabet: number,
    positions: number,
    pairs: number,
  ): number
  codeInts(
    lanes: number,
    nulls: number,
    answers: number,
    rows: number,
    firstRow: number,
    pairs: number,
  ): number
  takeAnswers(words: number, count: number, split: number, answers: number, laterAnswers: number): void
  scatterPairs(pairs: number, count: number, places: number, out: number): void
  // key-packing.ts
  packStrings(
    lanes: number,
    nulls: number,
    answers: number,
    rows: number,
    firstRow: number,
    tables: number,
    contexts: number,
    shift: number,
    placed: number,
    sizes: number,
    takesOthers: number,
    records: number,
  ): number
  scatterRecords(records: number, count: number, places: number, out: number): void
  // key-map.ts
  mapAdd(map: number, mask: number, hashes: number, nulls: number, rows: number, firstRow: number): void
  mapFindInts: MapFind
  mapFindStrings: MapFind
  // csr.ts
  orderByNode(
    nodes: number,
    rows: number,
    firstNode: number,
    nodesPerPartition: number,
    partitions: number,
    counts: number,
    places: number,
    order: number,
  ): number
  gatherLanes(lanes: number, order: number, rows: number, out: number): void
  gatherBytes(bytes: number, order: number, rows: number, out: number): number
  stringsThatFit(lanes: number, order: number, rows: number, bytesMax: number): number
  orderedStringBytes(lanes: number, order: number, rows: number): number
  copyOrderedStrings(
    lanes: number,
    order: number,
    rows: number,
    out: number,
    heap: number,
    base: number,
  ): number
  identityOrder(order: number, rows: number, first: number): void
  fillSequence(out: number, rows: number, first: number): void
  rowsBelow(nodes: number, rows: number, end: number): number
  countStarts(nodes: number, rows: number, firstNode: number, starts: number): void
  sumStarts(starts: number, lanes: number): void
  widenCounts(counts: number, nodes: number, out: number): void
  // rel-chunk.ts
  packChunks(
    columns: number,
    columnCount: number,
    order: number,
    sizes: number,
    partitions: number,
    scratch: number,
    out: number,
    end: number,
  ): number
  unpackChunks(columns: number, columnCount: number, at: number, bytes: number, rowsMax: number): number
}

type MapFind = (
  map: number,
  mask: number,
  lanes: number,
  hashes: number,
  keys: number,
  nulls: number,
  rows: number,
  answers: number,
) => number

/** The last but one argument is the length of the strings, or whether lanes are those of strings. */
type Verify = (
  first: number,
  end: number,
  split: number,
  keys: number,
  laterKeys: number,
  answers: number,
  laterAnswers: number,
  groupKeys: number,
  kind: number,
  firstOffset: number,
) => void

/** Instantiates the kernels over `memory`. */
export function loadTableKernels(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module = columnKernelsModule(),
): TableKernels {
  const instance = new WebAssembly.Instance(module, { env: { memory } })
  return instance.exports as unknown as TableKernels
}
