/** Every limit of the generator, by name. `docs/limits.md` lists them for users. */

/** Tables of a schema. */
export const tablesMax = 10_000

/** Columns of a table: PostgreSQL's own limit. */
export const tableColumnsMax = 1600

/** Rows of a table: numbers of rows are exact up to here. */
export const tableRowsMax = 2 ** 50

/** Bytes of a schema file. */
export const schemaBytesMax = 64 * 1024 * 1024

/** Bytes of an identifier: PostgreSQL cuts longer ones off. */
export const identifierBytesMax = 63

/** Entries of a pool of words or names. */
export const poolEntriesMax = 4096

/** Characters that one repetition without an upper bound (`*`, `+`, `{2,}`) of a pattern may have. */
export const patternRepeatMax = 16

/** Characters of a value made by a pattern. */
export const patternLengthMax = 10_000

/** Decimal places of a generated number. */
export const decimalPlacesMax = 15

/** Elements of a generated array, unless asked for otherwise. */
export const arrayLengthDefault = 4

/** Rows whose values are made together, a column at a time. */
export const fillRowsMax = 1000

/** Rows of an INSERT statement unless asked for otherwise. */
export const insertRowsDefault = 100

/** Rows of a batch of the API unless asked for otherwise. */
export const batchRowsDefault = 1000

/** Rows of a batch or of an INSERT statement that can be asked for. */
export const batchRowsMax = 1_000_000

/** Rows of a table for which neither the schema nor the settings give a number. */
export const tableRowsDefault = 1000

/** Bytes of output that a worker makes at a time, about. */
export const taskBytes = 1024 * 1024

/** Rows that a worker makes at a time. */
export const taskRowsMax = 65_536

/** Rows of an output that is made without workers, unless their number is given. */
export const inlineRowsMax = 10_000

/** Worker threads. */
export const jobsMax = 64

/** Tasks that may be under way or wait to be written, for each worker: the bound on memory. */
export const tasksPerJob = 2

/** MiB that V8 gives the short-lived objects of each worker. */
export const workerYoungGenerationMb = 2

/** Parts into which the output can be divided. */
export const partsMax = 1_000_000
