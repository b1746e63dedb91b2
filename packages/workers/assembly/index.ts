// The CSV kernels. Raw loads and stores only: no static data, no managed objects, nothing allocated.
// Callers take regions from an arena and pass addresses; 64 bytes before and behind the input may be read.
export { parseBool } from './bool'
export { parseDouble } from './double'
export { parseInt32, parseInt64 } from './integer'
export { countLineEnds, dropRows } from './rows'
export { scanExact } from './scan-exact'
export { scanQuick } from './scan-quick'
export { parseDates, parseTimestamps } from './temporal'
export { parseStrings, unescapeStrings } from './text'
