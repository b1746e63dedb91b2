/** Every limit of the ingestion engine, by name. `docs/limits.md` lists them for users. */

/** Bytes of input that one structural scan indexes, unless a single record is longer. */
export const scanWindowBytesMax = 128 * 1024

/** Bytes of lanes (values and nulls of all columns) that a block parser holds at most. */
export const lanesBytesMax = 24 * 1024 * 1024

/**
 * Bytes that the lists and BLOBs of a batch become in a parse worker at most, and a single one. Where there
 * is any such column each worker has so much memory for them.
 */
export const valueHeapBytes = 4 * 1024 * 1024

/** Bytes of one record. `maxRowBytes` cannot be set higher. */
export const rowBytesMax = 1 << 30

/** Bytes before a block that a block parser can be given. */
export const leadBytesMax = 64

/** Bytes at the start of a block that are looked at to guess whether it begins inside quotes. */
export const speculationBytesMax = 64 * 1024

/** Bytes of a value or record quoted in an error. */
export const errorTextBytesMax = 256

/** Null strings of a dialect. */
export const nullStringsMax = 256

/** Bytes of a null string. */
export const nullStringBytesMax = 1024

/** Bytes of a date or timestamp format. */
export const temporalFormatBytesMax = 256

/** Bytes of a number or time that is written with other separators, or by a format. */
export const rewrittenCellBytesMax = 1024

/** Bytes at the beginning of a file that the sniffer reads. */
export const sniffSampleBytesMax = 1024 * 1024

/** Files of a source that it looks at, those of no bytes aside, for one with records. */
export const sniffFilesMax = 100

/** Other places of a file that it looks at, evenly apart, and bytes of each. */
export const sniffParts = 8
export const sniffPartBytes = 32 * 1024

/** Bytes, and records, of a sample that csv-parser reads at least. */
export const sniffHeadBytes = 1024
export const sniffHeadRows = 32

/** Bytes of a sample in which the sniffer looks for spaces around quotes. */
export const sniffPaddingBytes = 64 * 1024

/** Lines before a header that the sniffer takes for a title. */
export const titleLinesMax = 30

/** Records of a sample that the sniffer reads. */
export const sniffRowsMax = 10_000

/**
 * Bytes of a block unless asked for otherwise, or the memory budget is small, or a batch takes fewer. The
 * larger, the fewer descriptors and messages there are of a large input.
 */
export const blockBytesDefault = 6 * 1024 * 1024

/** The same for relationships with strings, whose load needs the memory more. */
export const relTextBlockBytesDefault = 4 * 1024 * 1024

/** The same for relationships without strings: their rows are short and their load needs the memory more. */
export const relBlockBytesDefault = 2 * 1024 * 1024

/**
 * Bytes of a block when CSV is read without a database. The larger, the fewer batches have to be waited for
 * and passed on, and the more memory waits for V8 to collect it.
 */
export const readBlockBytesDefault = 3 * 1024 * 1024

/** The same from streams, where a ring holds several blocks besides. */
export const readStreamBlockBytesDefault = 1024 * 1024

/** Bytes of a block when a query reads CSV: it lets other work in between two. */
export const loadFromBlockBytes = 256 * 1024

/**
 * Blocks, or units of relationships, that each worker has at once: the one it is at, and the next, for which
 * it need not wait for the caller's thread.
 */
export const tasksOfWorker = 2

/**
 * Bytes of an input for which another thread is worth its start: that takes as long as parsing them, and the
 * other threads' time. Where values are read one by one it is worth it sooner.
 */
export const threadInputBytes = 16 * 1024 * 1024

/** Bytes at the beginning of a source from which `readCsv` guesses what it is not told. */
export const readSampleBytes = 32 * 1024

/** The same of streams and packed files, where there is nothing else to look at. */
export const readStreamSampleBytes = 128 * 1024

/** Bytes of each of the other places of a file that `readCsv` looks at. */
export const readPartBytes = 8 * 1024

/** Bytes of a block below which an import goes on with fewer threads rather than with smaller blocks. */
export const blockBytesEnough = 1024 * 1024

/** The same for relationships whose ends are looked up among more keys than fit in memory. */
export const lookUpBlockBytesDefault = 16 * 1024 * 1024

/**
 * The same, where endpoints are looked up among more keys than fit in memory: fewer threads rather than less.
 */
export const lookUpBlockBytesEnough = 6 * 1024 * 1024

/** Bytes of the smallest block that is chosen for a small memory budget. */
export const blockBytesMin = 64 * 1024

/** Bytes read behind a block, for its last record. A longer one is read by itself. */
export const lookAheadBytes = 64 * 1024

/** Bytes of a block that can be asked for. */
export const blockBytesMax = 1 << 28

/** Bytes of the longest record unless asked for otherwise. */
export const maxRowBytesDefault = 2 * 1024 * 1024

/** Rows of a batch that can be asked for. */
export const batchRowsMax = 10_000_000

/** Rows of a batch unless asked for otherwise. */
export const batchRowsDefault = 100_000

/** The same when CSV is read without a database: more than a block holds, unless its records are tiny. */
export const readBatchRowsDefault = 250_000

/** The same for relationships whose ends are looked up among more keys than fit in memory. */
export const lookUpBatchRowsDefault = 1_000_000

/** Bytes of a header record with the lines before it. */
export const headerBytesMax = 16 * 1024 * 1024

/** Fields of a header, or of the record that stands in for one. */
export const headerFieldsMax = 262_144

/**
 * Milliseconds that an import waits for somebody to open a pipe for writing that it was given by its path.
 */
export const pipeWaitMsMax = 3000

/** Wildcards in one part of a pattern that names sources. */
export const wildcardsMax = 4

/** Names of columns that an error lists. */
export const namesShownMax = 50

/** Parse workers of an import. */
export const threadsMax = 64

/**
 * MiB that V8 gives the short-lived objects of each thread of the engine: they make few, and would let them
 * pile up to 48 otherwise.
 */
export const threadYoungGenerationMb = 2

/** Bytes an import leaves its load (key hashes, spools, sorting) at least. */
export const loadBytesMin = 8 * 1024 * 1024

/** Refused records that a result describes; the count is always exact. */
export const errorsKeptMax = 1000

/** Bytes of all memory an open database may use, unless asked for otherwise. */
export const memoryBudgetDefault = 160 * 1024 * 1024

/** Bytes of the smallest memory budget. */
export const memoryBudgetMin = 32 * 1024 * 1024

/** Bytes of input after which a load that keeps its rows commits, unless asked for otherwise. */
export const commitBytesDefault = 256 * 1024 * 1024

/** Milliseconds after which a load that keeps its rows commits, however little it has read. */
export const commitMsMax = 30_000

/** Bytes at the beginning of a source by whose hash it is known again when a load is resumed. */
export const sourceHeadBytes = 65_536

/** How many times its size a packed file (gzip or Zstandard) may unpack to, unless asked for otherwise. */
export const gzipRatioDefault = 250

/** Bytes that a packed file may unpack to before its ratio is looked at. */
export const gzipRatioFreeBytes = 64 * 1024 * 1024

/** Bytes of the window of a Zstandard file: what its decompression keeps in memory. */
export const zstdWindowBytesMax = 8 * 1024 * 1024

/** Bytes that a packed file may unpack to, unless asked for otherwise. */
export const gzipBytesDefault = 2 ** 40

/**
 * Relationships of a batch without their nodes, where all refused records are written down; a batch ends with
 * the last of these.
 */
export const rejectsPerBatchMax = 10_000

/**
 * Bytes of a slot for the refused records of its batch, where they are written down: half of a block, within
 * these. A batch ends where they are full.
 */
export const rejectsBytesMin = 128 * 1024
export const rejectsBytesMax = 2 * 1024 * 1024

/** Refused records of a batch that are long or have no end, at most: a batch ends with the last of these. */
export const rejectsApartMax = 1000

/** Statements that share a commit, and with it a sync, when they wait for their turn together. */
export const groupStatementsMax = 256

/** Bytes of small writes after which no further statement joins a commit. */
export const groupBytesMax = 1 << 20

/** Statements whose plan is kept for the next time. Their texts are at most `plansKeptTextMax` long. */
export const plansKeptMax = 128

/** Characters of a statement whose plan is kept. */
export const plansKeptTextMax = 1 << 14
