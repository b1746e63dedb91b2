/** The write-ahead log: one file beside the data file, whose complete transactions recovery replays. */
export { decodeLogHeader, encodeLogHeader, type LogHeader, saltBytes, sectorBytes } from './log-header.js'
export { corruptRecord, type LogExtent, type LoggedChange, readLog, readLogHeader } from './reader.js'
export { type LogRecord, recordBytesOf, recordHeaderBytes, recordKinds, writeRecord } from './record.js'
export { inDoubt, LogWriter, syncOrDoubt } from './writer.js'
