import { existsSync } from 'node:fs'
import { MillraceError } from '@millrace/core/internal'
import { type SniffedCsv, type SniffOptions, sniff } from '../csv/index.js'
import { sniffSampleBytesMax } from '../limits.js'
import { isGzip, unpackHead } from './gzip-source.js'
import { OpenedFile } from './input.js'
import { type ImportSource, resolveSource } from './source.js'

/** `sniffCsvFile` of this package, which says the rest. */
export async function sniffCsvFile(source: ImportSource, options: SniffOptions = {}): Promise<SniffedCsv> {
  const resolved = await resolveSource(source, existsSync)
  if (resolved.kind === 'stream') {
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'source',
      value: 'a stream',
      expected: 'files: what is read of a stream to guess from is gone for the load',
    })
  }
  const file = new OpenedFile(resolved.paths[0] as string)
  try {
    const head = file.head(sniffSampleBytesMax)
    return sniff(isGzip(head) ? await unpackHead(file, sniffSampleBytesMax) : head, options)
  } finally {
    file.close()
  }
}
