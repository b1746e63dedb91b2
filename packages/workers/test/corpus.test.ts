/**
 * The corpus: a small file for each oddity that CSV is found with, and beside it, as JSON, what it is read
 * as: its rows, and every record that is refused, with its place. `corpus/README.md` says what the JSON
 * means.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CsvBatch, type CsvReader, type ReadOptions, readCsv } from '@millrace/workers'
import csvSpectrum from 'csv-spectrum'
import { describe, expect, it } from 'vitest'
import { writeFile } from './support.js'

const folder = fileURLToPath(new URL('./corpus', import.meta.url))

/** What stands in the JSON beside a file. */
interface Expected {
  readonly why: string
  readonly options: ReadOptions
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  /** All refused records, in file order. */
  readonly errors: readonly {
    readonly kind: string
    readonly row: number
    readonly line: number
    readonly byteOffset: number
    readonly column?: string
    readonly text: string
  }[]
  /** The error of a file that cannot be read at all. */
  readonly fails?: { readonly code: string; readonly problem?: string }
}

/**
 * Ways of cutting and sharing a file, which must make no difference. Each file has one of them, and the last.
 */
const cuts: readonly ReadOptions[] = [
  { blockSize: 1, threads: 4 },
  { blockSize: 2, threads: 1 },
  { blockSize: 13, threads: 2 },
  { blockSize: 5, threads: 3 },
]
const uncut: ReadOptions = { threads: 1 }

/** Values as JSON has them: what it has no words for becomes a text. */
function plain(value: unknown, type: string): unknown {
  if (value instanceof Date) return type === 'DATE' ? value.toISOString().slice(0, 10) : value.toISOString()
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return Object.is(value, -0) ? '-0' : value
}

function optionsOf({ options, columns }: Expected): ReadOptions {
  const types = Object.fromEntries((columns ?? []).map(({ name, type }) => [name, type]))
  // Nothing is to be guessed here.
  const { quote = '"' } = options
  return { header: true, delimiter: ',', quote, escape: quote, types, ...options } as ReadOptions
}

async function read(reader: CsvReader): Promise<unknown[][]> {
  const columns = await reader.columns()
  const rows: unknown[][] = []
  const take = (batch: CsvBatch) => {
    for (const row of batch.rows()) rows.push(columns.map(({ name, type }) => plain(row[name], type)))
  }
  for await (const batch of reader) take(batch)
  return rows
}

/** The rows before the first refused record, and that error. */
async function readStrictly(reader: CsvReader): Promise<{ rows: number; error: unknown }> {
  let rows = 0
  try {
    for await (const batch of reader) rows += batch.rowCount
  } catch (error) {
    return { rows, error }
  }
  return { rows, error: undefined }
}

function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Expected
}

const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => basename(file, '.json'))

describe('the corpus', () => {
  it('has what is expected beside each file, and the other way round', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.csv'))
    expect(files.map((file) => basename(file, '.csv')).sort()).toEqual([...names].sort())
    expect(files.length).toBeGreaterThan(90)
  })

  describe.each(names)('%s', (name) => {
    const expected = expectedOf(name)
    const path = join(folder, `${name}.csv`)

    const cut = cuts[names.indexOf(name) % cuts.length]!

    it(expected.why, async () => {
      if (expected.fails !== undefined) {
        const { code, ...details } = expected.fails
        await expect(read(readCsv(path, { ...optionsOf(expected), ...cut }))).rejects.toMatchObject({
          code,
          details,
        })
        return
      }
      const reader = readCsv(path, { ...optionsOf(expected), ...cut, ignoreErrors: true })
      expect(await read(reader), JSON.stringify(cut)).toEqual(expected.rows)
      expect(await reader.columns()).toEqual(expected.columns)
      const errors = reader.result!.errors.map(({ file, message, ...rest }) => rest)
      expect(errors, JSON.stringify(cut)).toEqual(expected.errors)
      expect(reader.result).toMatchObject({
        rowsRead: expected.rows.length,
        rowsSkipped: expected.errors.length,
        errorCount: expected.errors.length,
      })
      const [first] = expected.errors
      if (first === undefined) {
        expect(await read(readCsv(path, { ...optionsOf(expected), ...uncut }))).toEqual(expected.rows)
        return
      }
      const strictly = await readStrictly(readCsv(path, { ...optionsOf(expected), ...uncut }))
      expect(strictly.error).toMatchObject({ details: { ...first, file: path } })
      expect(strictly.rows).toBe(first.row - 1)
    })
  })
})

describe('what is too large for a folder of small files', () => {
  const long = 'é'.repeat(1_000)

  it('a header of 100 KB, in names of any length', async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `a column whose number is ${i} of 3000`)
    const columns = ['a', ...names, `"${long}"`]
    expect(columns.join(',').length).toBeGreaterThan(100_000)
    const record = columns.map((_, i) => i).join(',')
    const file = writeFile('wide.csv', `${columns.join(',')}\n${record}\n`)
    for (const options of [{ blockSize: 7, threads: 2 }, { threads: 1 }]) {
      const picked = ['a', 'a column whose number is 2999 of 3000', long]
      const reader = readCsv(file, { ...options, columns: picked, header: true, memoryBudget: 512 << 20 })
      expect(await read(reader)).toEqual([[0, 3000, 3001]])
    }
  })

  it('a field of a megabyte, with quotes and lines, is read across blocks', async () => {
    const text = `${'x'.repeat(500_000)}"\r\n${long}`
    const file = writeFile('long.csv', `a,b\n1,"${text.replaceAll('"', '""')}"\n2,y\nz,y\n`)
    for (const options of [{ blockSize: 1000, threads: 3 }, { threads: 1 }]) {
      const reader = readCsv(file, { ...options, types: { a: 'INT64', b: 'STRING' }, ignoreErrors: true })
      expect(await read(reader)).toEqual([
        [1, text],
        [2, 'y'],
      ])
      expect(reader.result!.errors).toMatchObject([{ kind: 'type', row: 3, line: 5, column: 'a', text: 'z' }])
    }
  })
})

describe('csv-spectrum', () => {
  const items = new Promise<{ name: string; csv: Buffer; json: Buffer }[]>((resolve, reject) => {
    csvSpectrum((error, found) => (error === null ? resolve(found) : reject(error)))
  })

  it('is read as it says, all of it', async () => {
    const found = await items
    expect(found).toHaveLength(12)
    for (const { name, csv, json } of found) {
      const expected = [JSON.parse(json.toString())].flat() as Record<string, string>[]
      // Its CSV has another telephone number than its JSON.
      if (name === 'location_coordinates') expected[0]!['Contact Phone Number'] = '2095257564'
      const columns = Object.keys(expected[0]!)
      const types = Object.fromEntries(columns.map((column) => [column, 'STRING' as const]))
      const file = writeFile(`${name}.csv`, csv)
      for (const cut of [cuts[0], uncut]) {
        const rows = expected.map((row) => columns.map((column) => row[column]))
        expect(await read(readCsv(file, { types, ...cut })), name).toEqual(rows)
      }
    }
  })
})
