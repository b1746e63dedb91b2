import { MillraceError } from '@millrace/core/internal'
import { requireCsv, type SniffedCsv, type SniffOptions, sniff } from '../csv/index.js'
import { sniffSampleBytesMax } from '../limits.js'
import { FileInput } from './input.js'
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
  const input = new FileInput(resolved.paths[0] as SourcePath)
  try {
    const sample = new Uint8Array(Math.min(input.size, sniffSampleBytesMax))
    const read = sample.subarray(0, input.read(sample, 0))
    requireCsv(read, input.name)
    return sniff(read, options)
  } finally {
    input.close()
  }
}
