/** COPY and LOAD FROM as they are written for Kùzu and DuckDB, and slips in the names of options. */
import { type CopyOptions, readCsv, sniffCsvFile } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, withDatabase, writeFile } from './support.js'

const nodes = 'CREATE NODE TABLE P(id INT64, name STRING, PRIMARY KEY(id))'
const rels = 'CREATE REL TABLE Knows(FROM P TO P, since INT64)'

describe('options of other engines', () => {
  it.each([
    '(HEADER=true, PARALLEL=false)',
    '(header=true, parallel=true, delim=",")',
    "(FILE_FORMAT='csv')",
    '(FORMAT csv, HEADER)',
    "(file_format='CSV', LIST_UNBRACED=false)",
    '(Auto_Detect=true, Sample_Size=256)',
    '(AUTODETECT=false)',
  ])('that change nothing are taken: %s', async (options) => {
    const file = writeFile('people.csv', 'id,name\n1,"a\nb"\n')
    await withDatabase(async (db) => {
      await db.run(nodes)
      expect(await db.run(`COPY P FROM "${file}" ${options}`)).toMatchObject({ rowsImported: 1 })
      expect(await rowsOf(db, `LOAD FROM "${file}" ${options} RETURN *`)).toEqual([{ id: 1, name: 'a\nb' }])
    })
  })

  it.each([
    ['(PARALLEL=2)', 'parallel', '2', /true or false/],
    ["(PARALLEL='no')", 'parallel', '"no"', /true or false/],
    ["(FILE_FORMAT='parquet')", 'fileFormat', '"parquet"', /'csv', the only format/],
    ['(FORMAT json)', 'format', '"json"', /'csv', the only format/],
    ['(LIST_UNBRACED=true)', 'listUnbraced', 'true', /\[a,b\]/],
    ["(SAMPLE_SIZE='all')", 'sampleSize', '"all"', /a whole number from 1/],
    ['(AUTO_DETECT=1)', 'autoDetect', '1', /true or false/],
    ['(AUTO_DETECT=true, AUTODETECT=true)', 'the option', '"autodetect"', /once/],
  ])('that ask for something else are refused: %s', async (options, what, value, expected) => {
    const file = writeFile('people.csv', 'id,name\n1,a\n')
    await withDatabase(async (db) => {
      await db.run(nodes)
      const details = { what, value, expected: expect.stringMatching(expected) }
      for (const statement of [
        `COPY P FROM '${file}' ${options}`,
        `LOAD FROM '${file}' ${options} RETURN *`,
      ]) {
        await expect(db.run(statement)).rejects.toMatchObject({ code: 'MILLRACE_ARGUMENT', details })
      }
    })
  })

  it('FROM and TO name the tables that relationships are between', async () => {
    const people = writeFile('people.csv', 'id,name\n1,a\n2,b\n')
    const known = writeFile('known.csv', '1,2,1999\n2,1,2000\n')
    await withDatabase(async (db) => {
      await db.run(nodes)
      await db.run(rels)
      await db.run(`COPY P FROM '${people}'`)
      const copy = (ends: string) => db.run(`COPY Knows FROM '${known}' (${ends}, HEADER=false)`)
      expect(await copy("from='P', to='P'")).toMatchObject({ rowsImported: 2 })
      await expect(copy("FROM='person'")).rejects.toMatchObject({
        code: 'MILLRACE_ARGUMENT',
        details: { what: 'from', expected: expect.stringMatching(/'P'.*FROM_COLUMN/) },
      })
      await expect(db.run(`COPY P FROM '${people}' (FROM='P')`)).rejects.toThrow(/option: from/)
    })
  })
})

describe('misspelt options', () => {
  it.each([
    ['DELIMTER', 'delimiter'],
    ['HEADERS', 'header'],
    ['SEP', 'delimiter'],
    ['NULLSTR', 'nullStrings'],
    ['AUTO_DETECTION', 'autoDetect'],
  ])('%s is told from %s by every door', async (name, meant) => {
    const file = writeFile('people.csv', 'id,name\n1,a\n')
    const told = expect.stringContaining(`expected ${meant}.`)
    const error = { code: 'MILLRACE_ARGUMENT', message: told }
    await withDatabase(async (db) => {
      await db.run(nodes)
      const key = name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
      const options = { [key]: true } as CopyOptions
      await expect(db.run(`COPY P FROM '${file}' (${name}=true)`)).rejects.toMatchObject(error)
      await expect(db.copyFrom('P', file, options)).rejects.toMatchObject(error)
      await expect(db.run(`LOAD FROM '${file}' (${name}=true) RETURN *`)).rejects.toMatchObject(error)
      await expect(db.run(`CALL sniff_csv('${file}', ${name}=true)`)).rejects.toMatchObject(error)
      await expect(sniffCsvFile(file, options as object)).rejects.toMatchObject(error)
      await expect(readCsv(file, options).columns()).rejects.toMatchObject(error)
    })
  })

  it('that are near to none are told all there are', async () => {
    const file = writeFile('people.csv', 'id\n1\n')
    await withDatabase(async (db) => {
      await db.run(nodes)
      await expect(db.run(`COPY P FROM '${file}' (QWERTYUIOP=1)`)).rejects.toThrow(
        /one of header, .*sampleSize/,
      )
    })
  })
})
