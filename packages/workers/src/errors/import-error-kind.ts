import type { WorkersErrorCode } from './catalogue.js'

/** What can be wrong with one record of an import. */
export type ImportErrorKind =
  | 'type'
  | 'nullKey'
  | 'ragged'
  | 'quote'
  | 'unclosedQuote'
  | 'rowTooLong'
  | 'encoding'
  | 'missingNode'
  | 'duplicateKey'

/** The code of the error that such a record raises when errors are not ignored. */
export const errorCodeOfKind = {
  type: 'MILLRACE_CSV_TYPE',
  nullKey: 'MILLRACE_CSV_NULL_KEY',
  ragged: 'MILLRACE_CSV_RAGGED',
  quote: 'MILLRACE_CSV_QUOTE',
  unclosedQuote: 'MILLRACE_CSV_UNCLOSED_QUOTE',
  rowTooLong: 'MILLRACE_CSV_ROW_TOO_LONG',
  encoding: 'MILLRACE_CSV_ENCODING',
  missingNode: 'MILLRACE_MISSING_NODE',
  duplicateKey: 'MILLRACE_DUPLICATE_KEY',
} as const satisfies Record<ImportErrorKind, WorkersErrorCode | 'MILLRACE_DUPLICATE_KEY'>
