/**
 * Refused records that were put right in the file of rejects are loaded from there: with what was loaded at
 * first they are the whole table, whatever they were refused for, in whatever dialect.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { type CopyOptions, type Database, readCsv } from '@millrace/workers'
import { expect, it } from 'vitest'
import { rowsOf, testFolder, withDatabase, writeFile } from './support.js'

/** A record as it should be, and as it is: what refuses it. Texts are bytes, as Latin-1. */
interface Damaged {
  readonly right: string
  readonly wrong: string
  readonly kind: string
}

const long = 'x'.repeat(3000)

/** Records of an INT64 key, a STRING and a DATE, in a dialect. */
function damagedIn(delimiter: string, quote: string): Damaged[] {
  const record = (...fields: string[]) => fields.join(delimiter)
  const quoted = (text: string) => `${quote}${text}${quote}`
  const date = '2024-02-29'
  return [
    { kind: 'type', right: record('10', 'a', date), wrong: record('10', 'a', '2023-02-29') },
    { kind: 'type', right: record('11', quoted('a\nb'), date), wrong: record('x11', quoted('a\nb'), date) },
    { kind: 'nullKey', right: record('12', 'c', date), wrong: record('', 'c', date) },
    { kind: 'ragged', right: record('13', 'd', date), wrong: record('13', 'd') },
    {
      kind: 'ragged',
      right: record('14', quoted(record('e', 'e')), date),
      wrong: record('14', 'e', 'e', date),
    },
    { kind: 'encoding', right: record('15', 'Ã©', date), wrong: record('15', '\xe9', date) },
    { kind: 'quote', right: record('16', quoted('f g'), date), wrong: record('16', `${quoted('f')}g`, date) },
    { kind: 'rowTooLong', right: record('17', 'h', date), wrong: record('17', `h${long}`, date) },
    { kind: 'duplicateKey', right: record('18', 'i', date), wrong: record('1', 'i', date) },
    { kind: 'unclosedQuote', right: record('19', 'j', date), wrong: record('19', 'j', `${quote}${date}`) },
  ]
}

const maxRowBytes = 1000

/** As a field of the file of rejects has it: longer ones than records may be are always quoted. */
const inRejects = (record: string) =>
  record.length > maxRowBytes || /[",\n]/.test(record) ? `"${record.replaceAll('"', '""')}"` : record

async function* mended(rejects: string, header: string | null): AsyncGenerator<string> {
  if (header !== null) yield `${header}\n`
  const rows = readCsv(rejects, { autoDetect: false, types: { record: 'STRING' } }).rows()
  for await (const { record } of rows) yield `${record}\n`
}

const table = 'CREATE NODE TABLE N(id INT64, name STRING, day DATE, PRIMARY KEY(id))'
const everything = (db: Database) => rowsOf(db, 'MATCH (n:N) RETURN n.id, n.name, n.day ORDER BY n.id')

const dialects: { readonly name: string; readonly options: CopyOptions; readonly header: string | null }[] = [
  { name: 'the usual one', options: {}, header: 'id,name,day' },
  { name: 'bars and single quotes', options: { delimiter: '|', quote: "'" }, header: 'id|name|day' },
  { name: 'tabs without a header', options: { delimiter: '\t', header: false }, header: null },
  {
    name: 'backslashes and comments',
    options: { delimiter: ';', escape: '\\', comment: '#', nullStrings: ['NA'] },
    header: 'id;name;day',
  },
]

it.each(dialects)('of every kind, in $name', async ({ options, header }) => {
  const { delimiter = ',', quote = '"' } = options
  const damaged = damagedIn(delimiter, quote!)
  const good = [1, 2, 3].map((id) => [id, `n${id}`, '2001-12-31'].join(delimiter))
  const fileOf = (name: string, records: readonly string[]) =>
    writeFile(
      name,
      Buffer.from(`${[...(header === null ? [] : [header]), ...records].join('\n')}\n`, 'latin1'),
    )
  const [first, ...others] = good
  const whole = fileOf('whole.csv', [first!, ...damaged.map(({ right }) => right), ...others])
  const broken = fileOf('broken.csv', [first!, ...others, ...damaged.map(({ wrong }) => wrong)])
  const expected = await withDatabase(
    async (db) => {
      await db.run(table)
      await db.copyFrom('N', whole, options)
      return await everything(db)
    },
    { name: 'whole.mill' },
  )
  const rejects = `${testFolder()}/rejects.csv`
  await withDatabase(async (db) => {
    await db.run(table)
    const how = { ...options, ignoreErrors: true, rejects, maxRowBytes, blockSize: 50 }
    const result = await db.copyFrom('N', broken, how)
    expect(result.rowsImported).toBe(good.length)
    let text = readFileSync(rejects, 'latin1')
    for (const { right, wrong, kind } of damaged) {
      expect(text.includes(`,${inRejects(wrong)}\n`), kind).toBe(true)
      text = text.replace(`,${inRejects(wrong)}\n`, () => `,${inRejects(right)}\n`)
    }
    expect(Object.values(result.errorKinds).reduce((sum, count) => sum + count)).toBe(damaged.length)
    expect(Object.keys(result.errorKinds).sort()).toEqual(
      [...new Set(damaged.map(({ kind }) => kind))].sort(),
    )
    writeFileSync(rejects, text, 'latin1')
    await db.copyFrom('N', Readable.from(mended(rejects, header)), options)
    expect(await everything(db)).toEqual(expected)
  })
})

it('relationships whose nodes were missing, when these are there', async () => {
  const rejects = `${testFolder()}/rejects.csv`
  await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE N(id STRING, PRIMARY KEY(id))')
    await db.run('CREATE REL TABLE E(FROM N TO N, weight INT64)')
    await db.copyFrom('N', writeFile('n.csv', 'id\na\nb\n'))
    const edges = writeFile('e.csv', 'weight,to,from\n1,a,b\n2,"c,d",a\n3,b,b\n')
    const result = await db.copyFrom('E', edges, { ignoreErrors: true, rejects })
    expect(result.errorKinds).toEqual({ missingNode: 1 })
    await db.run("CREATE (:N {id: 'c,d'})")
    await db.copyFrom('E', Readable.from(mended(rejects, 'weight,to,from')))
    expect(
      await rowsOf(db, 'MATCH (a)-[e:E]->(b) RETURN e.weight AS w, a.id AS a, b.id AS b ORDER BY w'),
    ).toEqual([
      { w: 1, a: 'b', b: 'a' },
      { w: 2, a: 'a', b: 'c,d' },
      { w: 3, a: 'b', b: 'b' },
    ])
  })
})

it('that look as if they were in other quotes, as nobody guesses how the file of rejects is written', async () => {
  const record = "'z'"
  const rejects = `${testFolder()}/rejects.csv`
  await withDatabase(async (db) => {
    await db.run(table)
    const file = writeFile('quotes.csv', `id,name,day\n${record}\n`)
    await db.copyFrom('N', file, { quote: '', ignoreErrors: true, rejects })
    const read = []
    for await (const line of mended(rejects, null)) read.push(line)
    expect(read).toEqual([`${record}\n`])
  })
})
