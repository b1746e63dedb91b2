/**
 * CSV: from bytes to columns. Promises: one definition of a record (see `dialect.ts`), the same rows for
 * every way of cutting a file into blocks, exact places in errors, no object per row or cell.
 */
export { BlockParser } from './block-parser.js'
export type { CsvError, ErrorContent, ParseColumn } from './csv-error.js'
export { checkDialect, type Dialect, type DialectOptions, defaultDialect, makeDialect } from './dialect.js'
export { addKind, addKinds, type ErrorKinds } from './error-kinds.js'
export { type HeaderOptions, namesOfColumns, type ParsedHeader, parseHeader } from './header.js'
export { type CsvKernels, csvKernelsModule, loadCsvKernels } from './kernels.js'
export { columnsInOrder, isSameOrder } from './ordered-columns.js'
export { requireCsv } from './other-formats.js'
export type { BlockParserOptions, ParsedBlock, ParseRequest } from './parse-request.js'
export { csvField, RefusedCursor, RefusedLog } from './refused-log.js'
export { RowPlaceCursor, type RowStart } from './row-places.js'
export { type SniffedColumn, type SniffedCsv, type SniffOptions, sniff } from './sniff.js'
export { heapBytesFor, isReadOneByOne } from './value-heap.js'
