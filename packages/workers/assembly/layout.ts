// The control block: the few words that the kernels and `src/csv/kernel-layout.ts` share. Both files hold the
// same table.
//
// | offset | type    | name              | written by | holds                                                        |
// |--------|---------|-------------------|------------|--------------------------------------------------------------|
// | 0      | u32     | delimiter         | caller     | the byte between fields                                      |
// | 4      | u32     | quote             | caller     | the quote byte; 256: none                                    |
// | 8      | u32     | escape            | caller     | the escape byte; 256: none                                   |
// | 12     | u32     | comment           | caller     | the byte that begins a comment line; 256: none               |
// | 16     | u32     | fieldCount        | caller     | fields of a record                                           |
// | 20     | u32     | blankLinesAreRows | caller     | 1: a blank line is a record of one empty field               |
// | 24     | u32     | maxRowBytes       | caller     | longest record, without its line end                         |
// | 28     | u32     | nullStrings       | caller     | address of: u32 count, then count × (u32 address, u32 bytes) |
// | 32     | u32     | index             | caller     | address of the field-end index                               |
// | 36     | u32     | starts            | caller     | address of the record starts                                 |
// | 40     | u32     | indexEntriesMax   | caller     | entries the index has room for                               |
// | 44     | u32     | startsMax         | caller     | entries the record starts have room for                      |
// | 48     | u32     | records           | scan       | records found                                                |
// | 52     | u32     | end               | scan       | address behind the last line consumed                        |
// | 56     | u32     | physicalLines     | quick scan | 0, or line ends scanned, when some of them are inside quotes |
// | 60     | u32     | badStart          | scan       | address of the bad record                                    |
// | 64     | u32     | badNext           | scan       | address behind the bad record's line end                     |
// | 68     | u32     | badFields         | scan       | fields of the bad record                                     |
// | 72     | u32     | badField          | scan       | number of the field at fault                                 |
// | 76     | u32     | nullCount         | fields     | cells that are null                                          |
// | 80     | u32     | badCount          | fields     | cells that are not of the type                               |
// | 84     | u32     | inexactCount      | fields     | cells left to the caller                                     |
// | 88     | u32     | escapedCount      | fields     | string cells that may have escapes in them                   |
// | 92     | u32     | badEnd            | scan       | address of the bad record's line end                         |
// | 96     | u32     | escapesSeen       | scan       | not 0: some quoted field may hold an escape                  |
// | 100    | u32     | powersOfFive      | caller     | address of: for 10^−342 … 10^308, u64 low, u64 high of 5^n   |
// | 104    | u32     | flags             | caller     | bits: trim, nullPadding, quotedNulls, emptyIsText (below)    |
// | 108    | u32     | openQuote         | scan       | address of the quote that is open where a record ends, or 0  |
// | 112    | 23 × f64| powersOfTen       | caller     | 10^0 … 10^22                                                 |
// | 296    | u32     | precision         | caller     | digits of the DECIMAL being parsed                           |
// | 300    | u32     | scale             | caller     | those of them behind the point                               |
// | 304    | u32     | heap              | caller     | address of the first row's bytes, for types of fixed length  |

export const delimiterAt: usize = 0
export const quoteAt: usize = 4
export const escapeAt: usize = 8
export const commentAt: usize = 12
export const fieldCountAt: usize = 16
export const blankLinesAreRowsAt: usize = 20
export const maxRowBytesAt: usize = 24
export const nullStringsAt: usize = 28
export const indexAt: usize = 32
export const startsAt: usize = 36
export const indexEntriesMaxAt: usize = 40
export const startsMaxAt: usize = 44
export const recordsAt: usize = 48
export const endAt: usize = 52
export const physicalLinesAt: usize = 56
export const badStartAt: usize = 60
export const badNextAt: usize = 64
export const badFieldsAt: usize = 68
export const badFieldAt: usize = 72
export const nullCountAt: usize = 76
export const badCountAt: usize = 80
export const inexactCountAt: usize = 84
export const escapedCountAt: usize = 88
export const badEndAt: usize = 92
export const escapesSeenAt: usize = 96
export const powersOfFiveAt: usize = 100
export const flagsAt: usize = 104
export const openQuoteAt: usize = 108
export const powersOfTenAt: usize = 112
export const precisionAt: usize = 296
export const scaleAt: usize = 300
export const heapAt: usize = 304

// The bits of the flags. Spaces around fields and quotes are no part of them; missing fields are null; a
// quoted text that is empty or a null string is null; an empty unquoted STRING is a text.
export const flagTrim: u32 = 1
export const flagNullPadding: u32 = 2
export const flagQuotedNulls: u32 = 4
export const flagEmptyIsText: u32 = 8

// What the field parsers write into a column's null bytes. Only the first two are left when a block is
// returned.
export const cellValue: u32 = 0
export const cellNull: u32 = 1
export const cellBad: u32 = 2
export const cellInexact: u32 = 3

// How the exact scan ended.
export const scanWindowEnd: u32 = 1
export const scanFull: u32 = 2
export const scanNeedsMore: u32 = 3
export const scanBadQuote: u32 = 4
export const scanRagged: u32 = 5
export const scanRowTooLong: u32 = 6
export const scanUnclosedQuote: u32 = 7

// How the quick scan ended.
export const quickFound: u32 = 1
export const quickNothing: u32 = 2
export const quickAnomaly: u32 = 3

// Bit 31 of a string lane's length: the bytes may hold escapes.
export const escapedFlag: u32 = 0x8000_0000

export const lineFeed: u32 = 0x0a
export const carriageReturn: u32 = 0x0d
