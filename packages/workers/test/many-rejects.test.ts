/** Loads in which very many records are refused, and all of them are written down. */
import { createReadStream, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { CopyOptions, ImportSource } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { testFolder, withDatabase, writeFile } from './support.js'

const header = 'file,line,row,column,kind,message,record'

/** A record that is refused: its column, kind and message, as the file of rejects has them. */
type Bad = readonly [record: string, problem: string]

const notInt = (text: string) => `id,type,"""${text}"" is not an INT64 (whole number)",`

/** Records of a kind each, by their number; null: it is taken. */
function recordAt(i: number): Bad | null {
  switch (i % 8) {
    case 0:
      return null
    case 1:
      return [`x${i},"a, ""b"""`, `${notInt(`x${i}`)}`]
    case 2:
      return [`,b`, 'id,nullKey,the column id has no value,']
    case 3:
      return [`${i}`, ',ragged,the record has 1 field instead of 2,']
    case 4:
      return [`${i},"c"d`, 'name,quote,field 2 goes on behind its closing quote,']
    case 5:
      return [`${i},\xff`, 'name,encoding,the record is not valid UTF-8,']
    case 6:
      return [`y${i},"two\nlines"`, `${notInt(`y${i}`)}`]
    default:
      return [`z${i},e`, `${notInt(`z${i}`)}`]
  }
}

const asField = (record: string) => (/[",\n]/.test(record) ? `"${record.replaceAll('"', '""')}"` : record)

describe('a file of rejects of a load in which most is refused', () => {
  const count = 40_000
  let text = 'id,name\n'
  const places: string[] = []
  let line = 2
  for (let i = 0; i < count; i++) {
    const bad = recordAt(i)
    const record = bad?.[0] ?? `${i},good`
    text += `${record}\n`
    if (bad !== null) places.push(`${line},${i + 1},${bad[1]}${asField(record)}`)
    line += record.split('\n').length
  }
  // Each of these keys is there.
  for (let i = 0; i < count; i += 8) text += `${i},again\n`
  for (let i = 0; i < count; i += 8) {
    places.push(`${line + i / 8},${count + i / 8 + 1},id,duplicateKey,the key is already there,`)
  }
  const again = (i: number) => `"${i * 8},again"`

  const load = async (options: CopyOptions, source: (file: string) => ImportSource, name: string) => {
    const file = writeFile(
      name,
      name.endsWith('.gz') ? gzipSync(Buffer.from(text, 'latin1')) : Buffer.from(text, 'latin1'),
    )
    const rejects = `${testFolder()}/rejects.csv`
    return await withDatabase(async (db) => {
      await db.run('DROP TABLE IF EXISTS N')
      await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
      const result = await db.copyFrom('N', source(file), { ignoreErrors: true, rejects, ...options })
      return { result, file, lines: readFileSync(rejects, 'latin1') }
    })
  }

  it.each<[string, CopyOptions]>([
    ['one thread', { threads: 1 }],
    ['three threads, small blocks', { threads: 3, blockSize: 1 << 16 }],
    ['a small budget', { threads: 2, memoryBudget: 24 << 20 }],
    ['tiny blocks and batches', { threads: 2, blockSize: 50_000, batchSize: 700 }],
  ])('has all of them, at their places: %s', async (_, options) => {
    const { result, file, lines } = await load(options, (path) => path, 'a.csv')
    const isDuplicate = places.length - count / 8
    const expected = places.map((place, i) =>
      i < isDuplicate ? `${file},${place}` : `${file},${place}${again(i - isDuplicate)}`,
    )
    expect(lines === `${[header, ...expected].join('\n')}\n`).toBe(true)
    expect(result.errorCount).toBe(places.length)
    expect(result.rowsImported).toBe(count / 8)
    expect(result.errors).toHaveLength(1000)
    expect(result.errors.map(({ row }) => `${row}`)).toEqual(
      places.slice(0, 1000).map((place) => place.split(',')[1]),
    )
  })

  it('has the same of a packed file, and of a stream all but the bytes of duplicates', async () => {
    const plain = (await load({}, (path) => path, 'a.csv')).lines
    const packed = await load({ blockSize: 100_000 }, (path) => path, 'a.csv.gz')
    expect(packed.lines.replaceAll('a.csv.gz', 'a.csv') === plain).toBe(true)
    const { file, lines } = await load({}, (path) => createReadStream(path), 'a.csv')
    const gone = plain.replace(/already there,.*$/gm, 'already there,')
    expect(lines.replaceAll(/^[^,\n]*,(?=\d+,\d+,)/gm, `${file},`) === gone).toBe(true)
  })

  it('has all relationships without their nodes, among other errors', async () => {
    const rels: string[] = []
    const expected: string[] = []
    for (let i = 0; i < 60_000; i++) {
      const isBad = i % 10 === 3
      const isMissing = i % 3 !== 0 && !isBad
      rels.push(isBad ? `1,1,y${i}` : isMissing ? `1,n${i},7` : '1,1,7')
      if (isBad)
        expected.push(`${i + 2},${i + 1},since,type,"""y${i}"" is not an INT64 (whole number)","1,1,y${i}"`)
      if (isMissing)
        expected.push(`${i + 2},${i + 1},to,missingNode,there is no N with the key n${i},"1,n${i},7"`)
    }
    const file = writeFile('rels.csv', `from,to,since\n${rels.join('\n')}`)
    const rejects = `${testFolder()}/rejects.csv`
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id STRING, PRIMARY KEY(id))')
      await db.run("CREATE (:N {id: '1'})")
      await db.run('CREATE REL TABLE R(FROM N TO N, since INT64)')
      for (const options of [
        { threads: 1 },
        { threads: 2, blockSize: 200_000 },
        { memoryBudget: 24 << 20 },
      ]) {
        const result = await db.copyFrom('R', file, { ignoreErrors: true, rejects, dryRun: true, ...options })
        expect(result.errorCount).toBe(expected.length)
        expect(result.rowsImported).toBe(60_000 - expected.length)
        const found = readFileSync(rejects, 'utf8')
        expect(found === [header, ...expected.map((each) => `${file},${each}`), ''].join('\n')).toBe(true)
      }
    })
  })
})
