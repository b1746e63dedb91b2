/** The options that LOAD FROM and sniff_csv take: those of COPY that say how a file is written and read. */
import type { ExternalOptions } from '@millrace/core/query'
import {
  type CopyOptions,
  type ResolvedOptions,
  refuseUnknown,
  resolveOptions,
  withoutForeign,
} from '../import/index.js'
import { memoryBudgetDefault } from '../limits.js'

const optionNames = [
  ...['header', 'delimiter', 'delim', 'quote', 'escape', 'comment', 'skip', 'nullStrings', 'quotedNulls'],
  ...['emptyAsNull', 'trim', 'nullPadding', 'decimalSeparator', 'thousandsSeparator', 'dateFormat'],
  ...[
    'timestampFormat',
    'nonFinite',
    'blobFormat',
    'encoding',
    'encodingErrors',
    'ignoreErrors',
    'maxErrors',
    'maxRowBytes',
    'autoDetect',
    'sampleSize',
  ],
]

/** What was given, and the same with every default in place. */
export interface LoadFromOptions {
  readonly given: CopyOptions
  readonly resolved: ResolvedOptions
}

/** @param what the clause, for errors. @throws MillraceError `MILLRACE_ARGUMENT` */
export function loadFromOptions(what: string, options: ExternalOptions): LoadFromOptions {
  const own = withoutForeign(options)
  refuseUnknown(own.keys(), optionNames, ` with ${what}`)
  const given: CopyOptions = Object.fromEntries(own)
  const resolved = resolveOptions(given, { threads: 1, memoryBudget: memoryBudgetDefault })
  return { given, resolved }
}
