/**
 * Small files that unpack to very much: they end soon, in bounded memory, in the error of what they are.
 * Times are of the processor: the machine may have other things to do.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { zstdRun } from './sources.fixture.js'
import { testFolder, writeFile } from './support.js'

const mebibyte = 1 << 20
const child = fileURLToPath(new URL('./fixture/bomb-child.mjs', import.meta.url))

interface Outcome {
  readonly code?: string
  readonly option?: string
  readonly rows?: number
  readonly cpuMs: number
  readonly peakBytes: number
}

/** Loads relationships from `file` in a process of its own. */
async function load(file: string, options = {}): Promise<Outcome> {
  const database = join(testFolder(), 'bomb.mill')
  const { stdout } = await promisify(execFile)(process.execPath, [
    child,
    database,
    file,
    JSON.stringify(options),
  ])
  return JSON.parse(stdout) as Outcome
}

const header = 'from,to\n'

/** `text`, again and again, as members of a gzip file behind the header. */
function gzipOf(text: Buffer, times: number): Buffer {
  const member = gzipSync(text, { level: 9 })
  return Buffer.concat([gzipSync(header), ...Array<Buffer>(times).fill(member)])
}

describe('a file that unpacks to far more than it has', () => {
  const rows = Buffer.from('1,2\n'.repeat(mebibyte))
  const line = Buffer.alloc(16 * mebibyte, 'x')
  const tooMuch = { code: 'MILLRACE_UNPACKED_SIZE', option: 'gzipRatioMax' }
  const tooLong = { code: 'MILLRACE_CSV_ROW_TOO_LONG' }
  const bombs: [string, () => Buffer, object, object][] = [
    ['good rows, 1 GiB of them in 1 MiB of gzip', () => gzipOf(rows, 256), {}, tooMuch],
    ['one line of 4 GiB in 4 MiB of gzip', () => gzipOf(line, 256), {}, tooLong],
    ['one line, given up', () => gzipOf(line, 256), { ignoreErrors: true }, tooMuch],
    ['one line of 4 GiB in 128 KiB of Zstandard', () => zstdRun(header, 'x', 32_768), {}, tooLong],
    ['that line, given up', () => zstdRun(header, 'x', 32_768), { ignoreErrors: true }, tooMuch],
    ['blank lines, 4 GiB in 128 KiB of Zstandard', () => zstdRun(header, '\n', 32_768), {}, tooMuch],
    [
      'more bytes than are asked for',
      () => gzipOf(rows, 2),
      { gzipBytesMax: 5_000_000 },
      { code: 'MILLRACE_UNPACKED_SIZE', option: 'gzipBytesMax' },
    ],
    [
      'more bytes than are asked for, of Zstandard',
      () => zstdRun(header, '\n', 100),
      { gzipBytesMax: 5_000_000 },
      { code: 'MILLRACE_UNPACKED_SIZE', option: 'gzipBytesMax' },
    ],
    ['members without anything in them', () => gzipOf(Buffer.alloc(0), 100_000), {}, { rows: 0 }],
    ['gzip in gzip', () => gzipSync(gzipOf(line, 16)), {}, { code: 'MILLRACE_NOT_CSV' }],
  ]

  it.each(bombs)('ends soon and small: %s', async (_, make, options, outcome) => {
    const found = await load(writeFile('bomb', make()), options)
    expect(found).toMatchObject(outcome)
    expect(found.cpuMs).toBeLessThan(8000)
    expect(found.peakBytes).toBeLessThan(300 * mebibyte)
  })
})
