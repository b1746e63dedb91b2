/**
 * The store's WebAssembly kernels: raw loads and stores on addresses the caller owns, no static data, no
 * managed objects. Kernels never allocate, and never trust bytes that came from a file.
 */
export { analyzeDoubles, analyzeInts } from './analyze'
export { addCandidates, verifyFixed, verifyLanes } from './candidates'
export {
  copyOrderedStrings,
  countStarts,
  fillSequence,
  gatherBytes,
  gatherLanes,
  identityOrder,
  orderByNode,
  orderedStringBytes,
  rowsBelow,
  stringsThatFit,
  sumStarts,
  widenCounts,
} from './csr'
export { decimalScale, doublesToDecimals, intsToDoubles } from './decimal'
export { buildDictionary } from './dictionary'
export { hashInts, hashStrings } from './hash'
export { codeInts, codeStrings, scanStrings, scatterPairs, takeAnswers } from './key-codes'
export { mapAdd, mapFindInts, mapFindStrings } from './key-map'
export { packStrings, scatterRecords } from './key-packing'
export { findRanks, markRanks, sumRanks } from './key-ranks'
export {
  collectMissing,
  countMissing,
  countOnes,
  firstFound,
  pairBucket,
  pairsToEntries,
  partitionHashes,
  probePage,
  selectPairs,
  sortPairs,
  sumStringBytes,
} from './keys'
export { compressBlock, decompressBlock } from './lz4'
export { narrowTo1, narrowTo4 } from './narrow'
export { packDeltas, packInts, unpackDeltas, unpackInts } from './packed-ints'
export { packChunks, unpackChunks } from './rel-chunk'
export {
  firstWords,
  orderMarked,
  partitionMarked,
  resolveRange,
  resolveSorted,
  searchSorted,
} from './sorted-keys'
export {
  adjacentStrings,
  analyzeStrings,
  fillWindow,
  gatherStrings,
  stringLanes,
  stringLengths,
  stringStarts,
  unpackCodes,
  unpackOffsets,
} from './strings'
export { fillNulls, packBools, packValidity, unpackBools, unpackValidity, zeroNulls } from './validity'
