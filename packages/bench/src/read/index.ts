/** Reading CSV alone, beside other parsers: `readCsv` and its rivals in pairs, and its memory over sizes. */
export { readers } from './readers.js'
export type { ReadPairs, ReadRecord, ReadRun, ReadSize } from './record.js'
