/**
 * COPY that finds out how its source is written, and readers that are told to guess nothing, or from little.
 */
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { readCsv, sniffCsvFile } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, withDatabase, writeFile } from './support.js'

const semicolons = "# made by hand\nid;name;day\n1;'a;b';31/12/2001\n2;'c';13/02/2002\n"
const tabs = 'sep=\t\nid\tname\tday\n1\ta;b\t2001-12-31\n2\tc\t2002-02-13\n'
const headless = '1|a;b|2001-12-31\n2|c|2002-02-13\n'
const titled = 'People of 2002\n\nid,name,day\n1,a;b,2001-12-31\n2,c,2002-02-13\n'

const table = 'CREATE NODE TABLE P(id INT64, name STRING, day DATE, PRIMARY KEY(id))'
const people = 'MATCH (p:P) RETURN p.id AS id, p.name AS name, p.day AS day'
const expected = [
  { id: 1, name: 'a;b', day: new Date('2001-12-31') },
  { id: 2, name: 'c', day: new Date('2002-02-13') },
]

describe('COPY with AUTO_DETECT', () => {
  it.each([
    { how: 'semicolons, single quotes, comments, dates of Europe', text: semicolons },
    { how: 'a line that names the delimiter', text: tabs },
    { how: 'no header', text: headless },
    { how: 'a title', text: titled },
  ])('loads $how, from files, packed ones and streams', async ({ text }) => {
    const file = writeFile('people.csv', text)
    const packed = writeFile('people.csv.gz', gzipSync(text))
    const encoded = writeFile('utf16.csv', Buffer.from(`\ufeff${text}`, 'utf16le'))
    await withDatabase(async (db) => {
      await db.run(table)
      const loads = [
        () => db.run(`COPY P FROM '${file}' (AUTO_DETECT=true)`),
        () => db.copyFrom('P', file, { autoDetect: true }),
        () => db.run(`COPY P FROM '${packed}' (auto_detect true)`),
        () => db.run(`COPY P FROM '${encoded}' (AUTODETECT, ENCODING='utf-16')`),
        () => db.copyFrom('P', Readable.from([Buffer.from(text)]), { autoDetect: true }),
      ]
      for (const load of loads) {
        expect(await load()).toMatchObject({ rowsImported: 2, errorCount: 0 })
        expect(await rowsOf(db, people)).toEqual(expected)
        await db.run('MATCH (p:P) DELETE p')
      }
    })
  })

  it('guesses nothing that is said, and no types', async () => {
    const file = writeFile('codes.csv', 'code;name\n007;7\n010;8\n')
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE C(code STRING, name STRING, PRIMARY KEY(code))')
      await db.copyFrom('C', file, { autoDetect: true })
      expect(await rowsOf(db, 'MATCH (c:C) RETURN c.code AS code')).toEqual([
        { code: '007' },
        { code: '010' },
      ])
      await expect(db.copyFrom('C', file, { autoDetect: true, delimiter: ',' })).rejects.toMatchObject({
        code: 'MILLRACE_MISSING_COLUMN',
      })
      const asData = { autoDetect: true, header: false, dryRun: true }
      await db.run('MATCH (c:C) DELETE c')
      expect(await db.copyFrom('C', file, asData)).toMatchObject({ rowsImported: 3, errorCount: 0 })
    })
  })

  it('says what to set where it takes the first record for a header', async () => {
    const file = writeFile('texts.csv', 'a,b\nc,d\n')
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE C(code STRING, name STRING, PRIMARY KEY(code))')
      await expect(db.copyFrom('C', file, { autoDetect: true })).rejects.toThrow(/set header to false/)
      expect(await db.copyFrom('C', file, { autoDetect: true, header: false })).toMatchObject({
        rowsImported: 2,
      })
    })
  })

  it('goes on with a load that was kept as it was begun', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `${i};${i === 2000 ? 'x' : i};2001-01-01\n`)
    const file = writeFile('kept.csv', `id;n;day\n${rows.join('')}`)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, n INT64, day DATE, PRIMARY KEY(id))')
      const how = { autoDetect: true, resume: true, blockSize: 4096, commitSize: 8192 }
      await expect(db.copyFrom('N', file, how)).rejects.toMatchObject({ code: 'MILLRACE_LOAD_STOPPED' })
      const result = await db.copyFrom('N', file, { ...how, ignoreErrors: true })
      expect(result.rowsResumed).toBeGreaterThan(0)
      expect(result.rowsResumed + result.rowsImported).toBe(2999)
    })
  })
})

describe('readers', () => {
  it('guess nothing but types without AUTO_DETECT', async () => {
    const file = writeFile('semicolons.csv', 'id;name\n1;a\n')
    const commas = writeFile('commas.csv', '# no comment\n1\n2\n')
    const columns = [{ name: 'id;name', type: 'STRING' }]
    expect(await sniffCsvFile(file, { autoDetect: false })).toMatchObject({ columns, header: true, skip: 0 })
    expect(await sniffCsvFile(commas, { autoDetect: false })).toMatchObject({
      columns: [{ name: '# no comment', type: 'INT64' }],
    })
    const rows: unknown[] = []
    for await (const row of readCsv(file, { autoDetect: false }).rows()) rows.push({ ...row })
    expect(rows).toEqual([{ 'id;name': '1;a' }])
    await withDatabase(async (db) => {
      expect(await rowsOf(db, `LOAD FROM '${file}' (AUTO_DETECT=false) RETURN *`)).toEqual(rows)
      expect(await rowsOf(db, `LOAD FROM '${file}' (AUTO_DETECT=false, DELIM=';') RETURN *`)).toEqual([
        { id: 1, name: 'a' },
      ])
    })
  })

  it('look at as many records as SAMPLE_SIZE says', async () => {
    // Longer than what is looked at by default.
    const numbers = Array.from({ length: 9000 }, (_, i) => `${i},${i},${'-'.repeat(90)}\n`)
    const text = `id,code,pad\n${numbers.join('')}9000,x,\n`
    const packed = writeFile('numbers.csv.gz', gzipSync(text))
    await withDatabase(async (db) => {
      const typesOf = async (size: string) =>
        (await rowsOf(db, `CALL sniff_csv('${packed}'${size}) YIELD columns, sampledRows RETURN *`))[0]
      expect(await typesOf('')).toMatchObject({ columns: 'id INT64, code INT64, pad STRING' })
      expect(await typesOf(', SAMPLE_SIZE=9001')).toEqual({
        columns: 'id INT64, code STRING, pad STRING',
        sampledRows: 9002,
      })
      expect(await typesOf(', SAMPLE_SIZE=2')).toEqual({
        columns: 'id INT64, code INT64, pad STRING',
        sampledRows: 3,
      })
    })
    const { sampledRows } = await sniffCsvFile(packed, { sampleSize: 1 })
    expect(sampledRows).toBe(2)
    await expect(sniffCsvFile(packed, { sampleSize: 0 })).rejects.toMatchObject({ code: 'MILLRACE_ARGUMENT' })
  })
})
