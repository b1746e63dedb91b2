/** Formats: CSV, SQL and PostgreSQL's COPY; how values are written, and what stands around the rows. */
export { ByteWriter } from './byte-writer.js'
export type { DumpFacts } from './ddl.js'
export { type FormatName, formatNames } from './dialect.js'
export { type Document, type DocumentOptions, documentsOf, type Piece } from './document.js'
export { RowWriter } from './row-writer.js'
