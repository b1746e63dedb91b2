import { MillraceError } from '@millrace/core/internal'
import { requireCsv, type SniffedCsv, type SniffOptions, sniff } from '../csv/index.js'
import { sniffSampleBytesMax } from '../limits.js'
import { isGzip, unpackHead } from './gzip-source.js'
import { OpenedFile } from './input.js'
import { type ImportSource, resolveSource } from './source.js'
import type { SourcePath } from './source-file.js'

/** `sniffCsvFile` of this package, which says the rest. */
export async function sniffCsvFile(source: ImportSource, options: SniffOptions = {}): Promise<SniffedCsv> {
  const resolved = await resolveSource(source, null)
  if (resolved.kind === 'stream') {
    if (resolved.stream !== source) resolved.stream.destroy()
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'source',
      value: resolved.stream === source ? 'a stream' : `the pipe ${resolved.name}`,
      expected: 'files: what is read of a stream to guess from is gone for the load',
    })
  }
  const file = new OpenedFile(resolved.paths[0] as SourcePath)
  try {
    const head = file.head(sniffSampleBytesMax)
    const sample = isGzip(head) ? await unpackHead(file, sniffSampleBytesMax) : head
    requireCsv(sample, file.path)
    return sniff(sample, options)
  } finally {
    file.close()
  }
}
