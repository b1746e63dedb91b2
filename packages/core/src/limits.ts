/** Every limit of the store, by name. `docs/limits.md` lists them for users. */

/** Bytes of a page; the unit of the data file. */
export const pageBytes = 4096

/** Rows of a row group. */
export const rowGroupRowsMax = 131_072

/** Consecutive node offsets that share a CSR group. */
export const csrGroupNodes = 131_072

/** Lanes of a segment: a row group, or the starts of a CSR group (one more than its nodes). */
export const segmentRowsMax = Math.max(rowGroupRowsMax, csrGroupNodes + 1)

/** Bytes of the strings of a segment that are kept compressed. More than these are kept as they are. */
export const compressedHeapBytesMax = 1 << 28

/** Columns of a table. */
export const columnsMax = 10_000

/** Bytes of a table's or column's name, in UTF-8. */
export const nameBytesMax = 65_535

/** Tables of a database. */
export const tablesMax = 65_536

/** Bytes of one log record's payload. A longer change is cut into several records of one transaction. */
export const recordBytesMax = 1 << 20

/** Bytes of one committed change, encoded. A longer one is refused before anything is written. */
export const changeBytesMax = 1 << 28

/** Changes of the catalog that one transaction makes. */
export const changePartsMax = 65_536

/** Bytes of the small writes of one transaction, encoded. They are kept in memory until they are segments. */
export const writesBytesMax = 1 << 26

/**
 * Bytes of memory that turning small writes into segments may take on the writer thread where the memory
 * budget's share for imports, which it is given, is too small to decode a single column of a row group. It
 * mostly takes a few MiB: a row group's column at a time.
 */
export const mergeBytesMax = 256 * 1024 ** 2

/** Rows below which a row group may be made one with its neighbours at a checkpoint. */
export const smallGroupRows = 16_384

/** Bytes of all columns below which a row group may be made one with its neighbours at a checkpoint. */
export const smallGroupBytes = 262_144

/** Relationships below which a run may be made one with its neighbours at a checkpoint. */
export const smallRunRows = 131_072

/**
 * Rows that a checkpoint by itself writes again at most so that there are fewer parts and no deleted rows.
 * One that is asked for (`CHECKPOINT`) does all there is to do.
 */
export const compactedRowsMax = 1_048_576

/** Small row groups or runs of a table which are made few when a load leaves so many. */
export const smallPartsMax = 64

/**
 * Bytes of the strings of one column in a row group, or in a chunk of relationships, of more than one row,
 * where small writes have made it: one that grows beyond is divided.
 */
export const mergedHeapBytesMax = 1 << 24

/**
 * Bytes of columns with small writes in them that are kept for each table that was written to, besides the
 * database's memory budget: those used last.
 */
export const recentBytesMax = 1 << 24

/** Bytes of the catalog, encoded. */
export const catalogBytesMax = 1 << 30

/** Row groups of a table, CSR groups of a run, row groups of a CSR group: each at most this many. */
export const manifestEntriesMax = 1 << 24

/** Runs of a key index, and runs of a relationship table. */
export const manifestRunsMax = 1 << 16

/** Bytes of the content of one page run. */
export const runBytesMax = 2 ** 40

/** Bytes that a miss of the buffer pool reads at once. Each reading thread keeps a buffer of this size. */
export const readAheadBytesMax = 1 << 18

/** Pages of a database file: page numbers are unsigned 32-bit. */
export const pagesMax = 0xffff_ffff

/** Bytes of a statement. */
export const statementBytesMax = 1 << 20

/**
 * Words, numbers, strings and signs of a statement, and of a text of several: reading them holds up
 * everything else.
 */
export const statementTokensMax = 200_000

/**
 * Bytes that one query keeps for grouping, DISTINCT, sorting, joining, and rows of a WITH that are matched in
 * several ways, unless its caller gives it a budget. Each query has its own, besides the database's memory
 * budget.
 */
export const queryBytesMax = 256 * 1024 ** 2

/** Parts of a query: every WITH, RETURN and UNWIND. They work inside one another. */
export const queryPartsMax = 256

/** Clauses of a query that write. */
export const queryUpdatesMax = 4096

/** Relationships that the MATCH clauses of one part follow. */
export const patternRelsMax = 256

/** Nodes in the MATCH clauses of one part. */
export const patternNodesMax = 1024

/** Bytes of the strings that one function makes of a batch of up to 2,048 rows. */
export const madeTextBytesMax = 64 * 1024 ** 2

/** Items of all lists that one function makes of a batch of up to 2,048 rows. */
export const madeItemsMax = 4_194_304

/** Sources of a load that can be resumed. */
export const loadSourcesMax = 65_536

/** Bytes of the text in which the options of a load that can be resumed are kept. */
export const loadSettingsBytesMax = 16_384

/** Sources that a table remembers to have been loaded to their end. Beyond it the oldest are forgotten. */
export const finishedSourcesMax = 65_536

/** Bytes of the path of a file of refused records. */
export const rejectsPathBytesMax = 4096

/** Characters of a name or value that an error's message shows; its `details` have all of it. */
export const shownCharactersMax = 1000
