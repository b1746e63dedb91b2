// The CSV kernels. Raw loads and stores only: no static data, no managed objects, nothing allocated.
// Callers take regions from an arena and pass addresses; 64 bytes before and behind the input may be read.
export { parseBool } from './bool'
export { parseDecimal } from './decimal'
export { parseDouble } from './double'
export { movePlainTexts, unescapeStrings } from './escapes'
export { parseFloats } from './float'
export { gatherTexts, textBytes } from './gather'
export {
  parseInt8,
  parseInt16,
  parseInt32,
  parseInt64,
  parseUint8,
  parseUint16,
  parseUint32,
} from './integer'
export { leaveCells } from './other'
export { countLineEnds, dropRows } from './rows'
export { scanExact } from './scan-exact'
export { scanQuick } from './scan-quick'
export { parseDates, parseTimestamps } from './temporal'
export { parseStrings } from './text'
export { parseTimes } from './time'
export { parseUint64 } from './unsigned'
export { parseUuids } from './uuid'
