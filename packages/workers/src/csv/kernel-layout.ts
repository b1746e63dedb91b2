/**
 * The control block that the kernels and their callers share, and the codes in it. `assembly/layout.ts` holds
 * the same table for the other side; `kernels.test.ts` compares the two.
 *
 * All words are u32 but the powers of ten; all addresses are absolute in the kernels' memory.
 */
export const controlBlock = {
  delimiter: 0,
  quote: 4,
  escape: 8,
  comment: 12,
  fieldCount: 16,
  blankLinesAreRows: 20,
  maxRowBytes: 24,
  nullStrings: 28,
  index: 32,
  starts: 36,
  indexEntriesMax: 40,
  startsMax: 44,
  records: 48,
  end: 52,
  physicalLines: 56,
  badStart: 60,
  badNext: 64,
  badFields: 68,
  badField: 72,
  nullCount: 76,
  badCount: 80,
  inexactCount: 84,
  escapedCount: 88,
  badEnd: 92,
  escapesSeen: 96,
  powersOfFive: 100,
  flags: 104,
  openQuote: 108,
  powersOfTen: 112,
  precision: 296,
  scale: 300,
  heap: 304,
} as const

/** Bits of the control block's flags: what a dialect may ask for besides its bytes. */
export const dialectFlag = { trim: 1, nullPadding: 2, quotedNulls: 4, emptyIsText: 8 } as const

/** Powers of ten that a double holds exactly: 10^0 … 10^22. */
export const powersOfTenCount = 23

/** Bytes of the control block. */
export const controlBlockBytes = 312

/** In a word that holds a byte: there is none. */
export const noByte = 256

/** What the field parsers write into a column's null bytes. */
export const cell = { value: 0, null: 1, bad: 2, inexact: 3 } as const

/**
 * How a scan ended. The first two of `quickScan` leave records; `scan.badQuote` and later name a bad record.
 */
export const scan = {
  windowEnd: 1,
  full: 2,
  needsMore: 3,
  badQuote: 4,
  ragged: 5,
  rowTooLong: 6,
  unclosedQuote: 7,
} as const

export const quickScan = { found: 1, nothing: 2, anomaly: 3 } as const

/** Bytes that kernels may read, but do not interpret, before and behind a text. */
export const kernelSlackBytes = 64
