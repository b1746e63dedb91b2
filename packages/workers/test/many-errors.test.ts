/** Loads and readers in which much is refused: exact counts, and what may be the reason. */
import { type CsvReadResult, type ImportResult, readCsv } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { withDatabase, writeFile } from './support.js'

async function load(
  text: string | Uint8Array,
  options: object = {},
  columns = 'id INT64, x DOUBLE',
): Promise<ImportResult> {
  const file = writeFile('a.csv', text)
  return await withDatabase(async (db) => {
    await db.run('DROP TABLE IF EXISTS N')
    await db.run(`CREATE NODE TABLE N(${columns}, PRIMARY KEY(id))`)
    return await db.copyFrom('N', file, { ignoreErrors: true, ...options })
  })
}

const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('')

describe('refused records', () => {
  it('are counted by kind, also beyond those that are described', async () => {
    const bad = ['x,1\n', ',1\n', '1\n', '7,"a"b\n', '8,\xff\n']
    const text = `id,x\n${lines(5000, (i) => `${i},${i}\n${bad[i % 5]}`)}0,0\n1,1\n`
    const file = Buffer.from(text, 'latin1')
    for (const blockSize of [1000, 1 << 20]) {
      const result = await load(file, { blockSize, threads: 2 })
      expect(result.errorKinds).toEqual({
        type: 1000,
        nullKey: 1000,
        ragged: 1000,
        quote: 1000,
        encoding: 1000,
        duplicateKey: 2,
      })
      expect(result.errorCount).toBe(5002)
      expect(result.rowsSkipped).toBe(5002)
      expect(result.rowsImported).toBe(5000)
      expect(result.errors).toHaveLength(1000)
    }
  })

  it.each<[string, string, object, string]>([
    [
      'the delimiter is another',
      `id;x\n1;2\n${lines(50, (i) => `${i};2,5;7\n`)}`,
      { columns: ['id'], header: false },
      'delimiter',
    ],
    [
      'a column is of another type',
      `id,x\n${lines(50, (i) => `${i},n${i}\n`)}`,
      {},
      'in the column x are not of its type',
    ],
    ['a key has no values', `id,x\n${lines(50, () => ',1\n')}`, {}, 'no value in the column id'],
    ['keys come again', `id,x\n${lines(50, () => '1,1\n')}`, {}, 'loaded before'],
    ['quotes do not fit', `id,x\n${lines(50, (i) => `${i},"1"x\n`)}`, {}, 'quote or escape'],
  ])('give a warning when they are most: %s', async (_, text, options, reason) => {
    const { warnings, errorCount } = await load(text, options)
    expect(errorCount).toBeGreaterThan(40)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('records were refused')
    expect(warnings[0]).toContain(reason)
  })

  it('give no warning when they are few', async () => {
    const { warnings } = await load(`id,x\n${lines(50, (i) => `${i},1\n`)}x,y\n`)
    expect(warnings).toEqual([])
  })
})

describe('a type that was guessed', () => {
  const text = `id,x\n${lines(22_000, (i) => `${i},${i}\n`)}22000,none\n`

  it('is named in the error of the value that is not of it, with what to set', async () => {
    // Beyond the beginning, and between the places that are looked at.
    const file = writeFile('a.csv', `${text}${lines(40_000, (i) => `${i},${i}\n`)}`)
    const read = async (options = {}): Promise<CsvReadResult | undefined> => {
      const reader = readCsv(file, options)
      for await (const _ of reader) {
        // Only to be read.
      }
      return reader.result
    }
    const failed = read()
    await expect(failed).rejects.toMatchObject({
      code: 'MILLRACE_CSV_TYPE',
      details: { line: 22_002, column: 'x', text: 'none', guessedType: 'INT64' },
    })
    await expect(failed).rejects.toThrow(
      /INT64 was guessed from \d+ records at \d places; set types: \{ "x": 'STRING' \}/,
    )
    await expect(read({ types: { x: 'INT64' } })).rejects.not.toThrow('guessed')
    expect(await read({ types: { x: 'STRING' } })).toMatchObject({ rowsRead: 62_001 })
    expect(await read({ ignoreErrors: true })).toMatchObject({ rowsRead: 62_000, errorKinds: { type: 1 } })
  })
})
