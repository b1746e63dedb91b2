/** Every limit of the store, by name. `docs/limits.md` lists them for users. */

/** Bytes of a page; the unit of the data file. */
export const pageBytes = 4096

/** Rows of a row group. */
export const rowGroupRowsMax = 131_072

/** Consecutive node offsets that share a CSR group. */
export const csrGroupNodes = 131_072

/** Columns of a table. */
export const columnsMax = 10_000

/** Bytes of a table's or column's name, in UTF-8. */
export const nameBytesMax = 65_535

/** Tables of a database. */
export const tablesMax = 65_536

/** Bytes of one log record's payload. A longer change is refused before anything is written. */
export const recordBytesMax = 1 << 30

/** Pages of a database file: page numbers are unsigned 32-bit. */
export const pagesMax = 0xffff_ffff

/** Bytes of a statement. */
export const statementBytesMax = 1 << 20
