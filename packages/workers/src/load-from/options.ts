/** The options that LOAD FROM and sniff_csv take: those of COPY that say how a file is written and read. */
import { MillraceError } from '@millrace/core/base'
import type { ExternalOptions } from '@millrace/core/query'
import { type CopyOptions, type ResolvedOptions, resolveOptions } from '../import/index.js'
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
  ],
]

/** What was given, and the same with every default in place. */
export interface LoadFromOptions {
  readonly given: CopyOptions
  readonly resolved: ResolvedOptions
}

/** @param what the clause, for errors. @throws MillraceError `MILLRACE_ARGUMENT` */
export function loadFromOptions(what: string, options: ExternalOptions): LoadFromOptions {
  for (const name of options.keys()) {
    if (optionNames.includes(name)) continue
    const expected = `one of ${optionNames.join(', ')} with ${what}`
    throw new MillraceError('MILLRACE_ARGUMENT', { what: 'the option', value: name, expected })
  }
  const given: CopyOptions = Object.fromEntries(options)
  const resolved = resolveOptions(given, { threads: 1, memoryBudget: memoryBudgetDefault })
  return { given, resolved }
}
