import { createReadStream, readFileSync, utimesSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { type CopyOptions, type Database, type ImportSource, readCsv } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

const table = 'CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))'
const keep: CopyOptions = { onFailure: 'keep', blockSize: 1000, commitSize: 5000 }
const resume: CopyOptions = { ...keep, resume: true }
const rows = 5000

const lineOf = (row: number) => `${row},name ${row}\n`
const textOf = (from: number, to: number) =>
  `id,name\n${Array.from({ length: to - from }, (_, at) => lineOf(from + at)).join('')}`

/** What a promise is rejected with. */
async function failureOf(promise: Promise<unknown>) {
  return await promise.then(
    () => undefined,
    (error) => error,
  )
}

/** Loads until `rowsMin` rows were seen, and aborts then. Returns the error. */
async function abortAt(db: Database, source: ImportSource, rowsMin: number, options: CopyOptions = keep) {
  const stop = new AbortController()
  const loading = db.copyFrom('N', source, {
    ...options,
    signal: stop.signal,
    onProgress: ({ rowsProcessed }) => {
      if (rowsProcessed >= rowsMin) stop.abort()
    },
  })
  return await failureOf(loading)
}

const countOf = (db: Database) => single(db, 'MATCH (n:N) RETURN count(*)')

async function expectWhole(db: Database, to = rows): Promise<void> {
  const expected = Array.from({ length: to }, (_, id) => ({ id, name: `name ${id}` }))
  expect(await rowsOf(db, 'MATCH (n:N) RETURN n.id AS id, n.name AS name')).toEqual(expected)
}

describe('a load that keeps its rows', () => {
  it('goes on behind its rows although the table was written to meanwhile', async () => {
    const file = writeFile('n.csv', textOf(0, rows))
    await withDatabase(async (db) => {
      await db.run(table)
      await abortAt(db, file, 1500)
      const kept = Number(await countOf(db))
      expect(kept).toBeGreaterThan(0)
      await db.run("CREATE (:N {id: 900000, name: 'new'})")
      await db.run('MATCH (n:N {id: 7}) DELETE n')
      await db.run("MATCH (n:N {id: 8}) SET n.name = 'changed'")
    })
    await withDatabase(async (db) => {
      const kept = Number(await countOf(db))
      const result = await db.copyFrom('N', file, resume)
      expect(result).toMatchObject({ rowsImported: rows - kept, rowsResumed: kept, alreadyLoaded: false })
      const expected = Array.from({ length: rows }, (_, id) => ({ id, name: `name ${id}` }))
      expected[8]!.name = 'changed'
      expected.splice(7, 1)
      expected.push({ id: 900_000, name: 'new' })
      expect(await rowsOf(db, 'MATCH (n:N) RETURN n.id AS id, n.name AS name ORDER BY id')).toEqual(expected)
      expect(await db.copyFrom('N', file, resume)).toMatchObject({ alreadyLoaded: true })
    })
  })

  it('leaves a prefix of the file when it is aborted, says how much, and goes on there', async () => {
    const file = writeFile('n.csv', textOf(0, rows))
    await withDatabase(async (db) => {
      await db.run(table)
      let before = 0
      for (const rowsMin of [1500, 800, 800]) {
        const error = await abortAt(db, file, rowsMin, before === 0 ? keep : resume)
        const kept = Number(await countOf(db))
        expect(error).toMatchObject({
          code: 'MILLRACE_LOAD_STOPPED',
          cause: { name: 'AbortError' },
          details: {
            table: 'N',
            rows: kept,
            rowsImported: kept - before,
            file,
            row: kept + 1,
            line: kept + 2,
          },
        })
        expect(error.message).toMatch(/rows of it are kept, up to .*n\.csv, line .*resume: true/)
        expect(kept).toBeGreaterThan(before)
        await expectWhole(db, kept)
        before = kept
      }
      const progress: number[] = []
      const result = await db.copyFrom('N', file, {
        ...resume,
        onProgress: ({ bytesProcessed, bytesTotal }) => progress.push(bytesProcessed / bytesTotal!),
      })
      expect(result).toMatchObject({ rowsImported: rows - before, rowsResumed: before, alreadyLoaded: false })
      expect(progress).toEqual(progress.toSorted((left, right) => left - right))
      expect(progress[0]).toBeGreaterThan(before / rows)
      await expectWhole(db)
    })
    await withDatabase((db) => expectWhole(db))
  })

  it('commits the rows before a refused record, and goes on behind it when errors are ignored', async () => {
    const file = writeFile('n.csv', `${textOf(0, 40)}x,bad\n${textOf(40, 90).replace('id,name\n', '')}`)
    await withDatabase(async (db) => {
      await db.run(table)
      for (const again of [false, true]) {
        const error = await failureOf(db.copyFrom('N', file, again ? resume : { ...keep, blockSize: 200 }))
        expect(error).toMatchObject({
          code: 'MILLRACE_LOAD_STOPPED',
          cause: { code: 'MILLRACE_CSV_TYPE', details: { row: 41, line: 42 } },
          details: { rows: 40, rowsImported: again ? 0 : 40, causeCode: 'MILLRACE_CSV_TYPE' },
        })
        await expectWhole(db, 40)
      }
      const result = await db.copyFrom('N', file, { ...resume, ignoreErrors: true })
      expect(result).toMatchObject({ rowsImported: 50, rowsResumed: 40, rowsSkipped: 1 })
      expect(result.errors).toMatchObject([{ row: 41, line: 42, kind: 'type' }])
      await expectWhole(db, 90)
    })
  })

  it('throws the reason itself when nothing was committed', async () => {
    const file = writeFile('n.csv', `id,name\nx,bad\n${lineOf(1)}`)
    await withDatabase(async (db) => {
      await db.run(table)
      await expect(db.copyFrom('N', file, keep)).rejects.toMatchObject({ code: 'MILLRACE_CSV_TYPE' })
      expect(db.catalog.tables[0]!.loads).toBeUndefined()
    })
  })

  it('names rows of a later stretch, also of a duplicate key', async () => {
    const file = writeFile('n.csv', `${textOf(0, 2000)}1990,twice\n`)
    await withDatabase(async (db) => {
      await db.run(table)
      const error = await failureOf(db.copyFrom('N', file, keep))
      expect(error.cause).toMatchObject({
        code: 'MILLRACE_DUPLICATE_KEY',
        details: { row: 2001, line: 2002, value: '1990' },
      })
      expect(error.details.rows).toBe(await countOf(db))
    })
  })

  it('goes on in any of several files, also packed ones', async () => {
    const files = [
      writeFile('1.csv', textOf(0, 1000)),
      writeFile('2.csv.gz', gzipSync(textOf(1000, 3000))),
      writeFile('3.csv', textOf(3000, 3001)),
      writeFile('4.csv.gz', gzipSync(textOf(3001, rows))),
    ]
    await withDatabase(async (db) => {
      await db.run(table)
      let calls = 0
      for (;;) {
        const error = await abortAt(db, files, 700, calls++ === 0 ? keep : resume)
        if (error === undefined) break
        expect(error.code).toBe('MILLRACE_LOAD_STOPPED')
        await expectWhole(db, error.details.rows)
      }
      expect(calls).toBeGreaterThan(4)
      await expectWhole(db)
    })
  })

  it('goes on in a stream that is given again, and refuses another one', async () => {
    const text = textOf(0, rows)
    const stream = (content = text) => Readable.from([content.slice(0, 1234), content.slice(1234)])
    await withDatabase(async (db) => {
      await db.run(table)
      expect(await abortAt(db, stream(), 1500)).toMatchObject({ code: 'MILLRACE_LOAD_STOPPED' })
      const changed = text.replace('name 900\n', 'nAme 900\n')
      for (const [other, problem] of [
        [`#${text}`, /the stream does not begin as it did/],
        [changed, /does not begin as it did|bytes of <stream> are not what they were/],
        [text.slice(0, 9000), /does not begin|<stream> ends at byte/],
      ] as const) {
        const error = await failureOf(db.copyFrom('N', stream(other), resume))
        expect(error).toMatchObject({ code: 'MILLRACE_RESUME_SOURCE' })
        expect(error.message).toMatch(problem)
      }
      await db.copyFrom('N', stream(), resume)
      await expectWhole(db)
      await expect(db.copyFrom('N', stream(), resume)).rejects.toMatchObject({
        code: 'MILLRACE_ALREADY_LOADED',
      })
    })
  })

  it('refuses sources and options that are not those it began with', async () => {
    const text = textOf(0, rows)
    const file = writeFile('n.csv', text)
    const other = writeFile('m.csv', text)
    await withDatabase(async (db) => {
      await db.run(table)
      await abortAt(db, file, 1500)
      const kept = await countOf(db)
      const refused = async (source: ImportSource, options: CopyOptions, problem: RegExp) => {
        const error = await failureOf(db.copyFrom('N', source, options))
        expect(error).toMatchObject({ code: 'MILLRACE_RESUME_SOURCE' })
        expect(error.message).toMatch(problem)
        expect(await countOf(db)).toBe(kept)
      }
      await refused(other, resume, /it was of .*n\.csv, not of .*m\.csv/)
      await refused([file, other], resume, /1 sources .*not of 2/)
      await refused(file, { ...resume, delimiter: ';', skip: 1 }, /other options.*delimiter, skip/)
      writeFile('n.csv', `${text}5000,more\n`)
      await refused(file, resume, /had \d+ bytes, now it has/)
      writeFile('n.csv', text.replace('name 4000', 'nAme 4000'))
      await refused(file, resume, /was modified since/)
    })
  })

  it('refuses a file that changes on the way', async () => {
    const text = textOf(0, rows)
    const file = writeFile('n.csv', text)
    await withDatabase(async (db) => {
      await db.run(table)
      const error = await failureOf(
        db.copyFrom('N', file, {
          ...keep,
          onProgress: ({ rowsProcessed }) => {
            if (rowsProcessed > 1500) utimesSync(file, 1, 1)
          },
        }),
      )
      expect(error.cause).toMatchObject({ code: 'MILLRACE_SOURCE_CHANGED' })
      await expectWhole(db, error.details.rows)
    })
  })
})

describe('relationships that are kept', () => {
  const nodes = 700
  const keyOf = (node: number) => `key ${(node * 7919) % nodes}`
  const ids = () =>
    writeFile('ids.csv', `id\n${Array.from({ length: nodes }, (_, at) => keyOf(at)).join('\n')}\n`)
  const edges = Array.from({ length: 6000 }, (_, at) => [keyOf(at * 31), keyOf(at * at + 5), at] as const)
  const text = edges.map((edge) => `${edge.join(',')}\n`)

  async function createGraph(db: Database): Promise<void> {
    await db.run('CREATE NODE TABLE N(id STRING, PRIMARY KEY(id))')
    await db.run('CREATE REL TABLE E(FROM N TO N, at INT64)')
    await db.copyFrom('N', ids())
  }

  async function expectEdges(db: Database, count: number): Promise<void> {
    for (const pattern of ['(a:N)-[e:E]->(b:N)', '(b:N)<-[e:E]-(a:N)']) {
      const found = await rowsOf(db, `MATCH ${pattern} RETURN a.id, b.id, e.at ORDER BY e.at`)
      expect(found.map((row) => Object.values(row as object))).toEqual(edges.slice(0, count))
    }
  }

  it('are found in every stretch, whatever the workers built before', async () => {
    const file = writeFile('e.csv', `from,to,at\n${text.join('')}`)
    await withDatabase(async (db) => {
      await createGraph(db)
      await db.copyFrom('E', file, { ...keep, commitSize: 20_000 })
      expect(
        db.catalog.tables.flatMap((table) => (table.kind === 'rel' ? table.runs : [])).length,
      ).toBeGreaterThan(4)
      await expectEdges(db, edges.length)
    })
  })

  it('stay up to the row whose node is missing, and go on behind it when errors are ignored', async () => {
    const lines = [...text.slice(0, 3210), 'nobody,key 1,0\n', ...text.slice(3210)]
    const file = writeFile('e.csv', `from,to,at\n${lines.join('')}`)
    await withDatabase(async (db) => {
      await createGraph(db)
      const error = await failureOf(db.copyFrom('E', file, { ...keep, commitSize: 40_000, blockSize: 9000 }))
      expect(error).toMatchObject({
        details: { rows: 3210, row: 3211, line: 3212 },
        cause: { code: 'MILLRACE_MISSING_NODE', details: { row: 3211, line: 3212 } },
      })
      await expectEdges(db, 3210)
      const result = await db.copyFrom('E', file, { ...resume, ignoreErrors: true })
      expect(result).toMatchObject({ rowsImported: edges.length - 3210, rowsSkipped: 1 })
      await expectEdges(db, edges.length)
    })
  })
})

describe('a table with an unfinished load', () => {
  it('refuses another load that does not say what becomes of it', async () => {
    const file = writeFile('n.csv', textOf(0, rows))
    const more = writeFile('more.csv', textOf(rows, rows + 10))
    await withDatabase(async (db) => {
      await db.run(table)
      await abortAt(db, file, 1500)
      for (const options of [{}, keep]) {
        const error = await failureOf(db.copyFrom('N', more, options))
        expect(error).toMatchObject({
          code: 'MILLRACE_UNFINISHED_LOAD',
          details: { rows: await countOf(db) },
        })
        expect(error.message).toContain('n.csv')
      }
      const kept = Number(await countOf(db))
      expect((await db.copyFrom('N', more, { resume: false })).rowsImported).toBe(10)
      expect(await countOf(db)).toBe(kept + 10)
      expect(db.catalog.tables[0]!.loads).toBeUndefined()
    })
  })

  it('still has it after a load that gave it up has failed', async () => {
    const file = writeFile('n.csv', textOf(0, rows))
    const bad = writeFile('bad.csv', 'id,name\nx,y\n')
    await withDatabase(async (db) => {
      await db.run(table)
      await abortAt(db, file, 1500)
      await expect(db.copyFrom('N', bad, { resume: false })).rejects.toMatchObject({
        code: 'MILLRACE_CSV_TYPE',
      })
      await db.copyFrom('N', file, resume)
      await expectWhole(db)
    })
  })
})

describe('a load with resume', () => {
  const statement = (file: string) => `COPY N FROM '${file}' (ON_FAILURE='keep', RESUME=true)`

  it('can be run again and again: it begins, goes on, and is done', async () => {
    const file = writeFile('n.csv', textOf(0, rows))
    await withDatabase(async (db) => {
      await db.run(table)
      await abortAt(db, file, 1500, resume)
      expect(await db.run(statement(file))).toMatchObject({ alreadyLoaded: false })
      expect(await db.run(statement(file))).toMatchObject({ alreadyLoaded: true, rowsImported: 0 })
    })
    await withDatabase(async (db) => {
      expect(await db.run(statement(file))).toMatchObject({ alreadyLoaded: true })
      await expectWhole(db)
    })
  })

  it('does nothing twice for each of several files, whatever was loaded between', async () => {
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, PRIMARY KEY(id))')
      await db.run('CREATE REL TABLE E(FROM N TO N)')
      await db.copyFrom('N', writeFile('ids.csv', 'id\n1\n2\n'))
      const files = ['from,to\n1,2\n', 'from,to\n2,1\n', 'from,to\n1,1\n'].map((text, at) =>
        writeFile(`${at}.csv`, text),
      )
      for (let round = 0; round < 3; round++) {
        for (const file of files) {
          const result = await db.copyFrom('E', file, { resume: true })
          expect(result).toMatchObject({ rowsImported: round === 0 ? 1 : 0, alreadyLoaded: round > 0 })
        }
      }
      expect(await single(db, 'MATCH (:N)-[e:E]->(:N) RETURN count(*)')).toBe(3)
      const [first, second] = files as [string, string]
      expect(await db.copyFrom('E', [second, first], { resume: true })).toMatchObject({ alreadyLoaded: true })
      const mixed = db.copyFrom('E', [first, writeFile('9.csv', 'from,to\n2,2\n')], { resume: true })
      await expect(mixed).rejects.toMatchObject({
        code: 'MILLRACE_ALREADY_LOADED',
        details: { source: first },
      })
      utimesSync(second, 1, 1)
      const touched = db.copyFrom('E', second, { resume: true })
      await expect(touched).rejects.toMatchObject({ code: 'MILLRACE_ALREADY_LOADED' })
      expect(await db.copyFrom('E', second, { resume: false })).toMatchObject({ rowsImported: 1 })
    })
  })

  it('ends a load of which no row was left', async () => {
    const file = writeFile('n.csv', `${textOf(0, 40)}x,bad\n`)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
      await failureOf(db.copyFrom('N', file, keep))
      const groups = () =>
        db.catalog.tables.flatMap((table) => (table.kind === 'node' ? table.groups : [])).length
      const before = groups()
      expect(await db.copyFrom('N', file, { ...resume, ignoreErrors: true })).toMatchObject({
        rowsImported: 0,
      })
      expect(groups()).toBe(before)
      expect(await db.copyFrom('N', file, resume)).toMatchObject({ alreadyLoaded: true })
    })
  })
})

describe('gzip', () => {
  const text = textOf(0, rows)

  it('files are known by their first bytes, whatever they are called, and are loaded like others', async () => {
    const members = Buffer.concat([gzipSync(text.slice(0, 3000)), gzipSync(text.slice(3000))])
    for (const [name, content] of [
      ['n.csv.gz', gzipSync(text)],
      ['n.csv', gzipSync(text)],
      ['members.gz', members],
    ] as const) {
      const file = writeFile(name, content)
      await withDatabase(
        async (db) => {
          await db.run(table)
          let last = { bytesProcessed: 0, bytesTotal: 0 }
          const result = await db.copyFrom('N', file, {
            blockSize: 3000,
            onProgress: ({ bytesProcessed, bytesTotal }) => {
              expect(bytesProcessed).toBeGreaterThanOrEqual(last.bytesProcessed)
              last = { bytesProcessed, bytesTotal: bytesTotal! }
            },
          })
          expect(result).toMatchObject({ rowsImported: rows, bytesProcessed: content.length })
          expect(last).toEqual({ bytesProcessed: content.length, bytesTotal: content.length })
          await expectWhole(db)
        },
        { name: `${name}.mill` },
      )
    }
  })

  it('files are found by globs, and mixed with plain ones', async () => {
    for (let at = 0; at < 6; at++) {
      const part = textOf(at * 100, at * 100 + 100)
      writeFile(`part-${at}.csv`, at % 2 === 0 ? part : gzipSync(part))
    }
    await withDatabase(async (db) => {
      await db.run(table)
      await db.copyFrom('N', `${testFolder()}/part-*.csv`, { blockSize: 500 })
      await expectWhole(db, 600)
    })
  })

  it('files that are cut or damaged are refused by name, and nothing is loaded', async () => {
    const packed = gzipSync(text)
    const flipped = Buffer.from(packed)
    flipped[packed.length - 6]! ^= 1
    for (const content of [packed.subarray(0, packed.length - 100), flipped]) {
      const file = writeFile('broken.csv.gz', content)
      await withDatabase(async (db) => {
        await db.run('CREATE NODE TABLE IF NOT EXISTS N(id INT64, name STRING, PRIMARY KEY(id))')
        const error = await failureOf(db.copyFrom('N', file))
        expect(error).toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE', details: { source: file } })
        expect(await countOf(db)).toBe(0)
      })
    }
  })

  it('files that unpack to too much are refused, by size and by ratio', async () => {
    const file = writeFile('big.csv.gz', gzipSync(text))
    // Blank lines: none of them is a record, however many there are.
    const bomb = writeFile(
      'bomb.csv.gz',
      gzipSync(Buffer.concat([Buffer.from('id,name\n'), Buffer.alloc(66 << 20, '\n')])),
    )
    await withDatabase(async (db) => {
      await db.run(table)
      await expect(db.copyFrom('N', file, { gzipBytesMax: 10_000 })).rejects.toMatchObject({
        code: 'MILLRACE_UNPACKED_SIZE',
        details: { source: file, option: 'gzipBytesMax' },
      })
      await expect(db.copyFrom('N', bomb)).rejects.toMatchObject({
        code: 'MILLRACE_UNPACKED_SIZE',
        details: { source: bomb, option: 'gzipRatioMax' },
      })
      expect((await db.copyFrom('N', bomb, { gzipRatioMax: 2000 })).rowsImported).toBe(0)
    })
  })
})

describe('rejects', () => {
  const bad = 'x,"a ""quoted"" one"\r\n3,c,d\n"y\nz",q\n5,"never closed\n6,f\n'
  const file = () => writeFile('n.csv', `id,name\n1,a\n${bad}7,g\n`)
  const written = (path: string) => readFileSync(path, 'utf8')

  it('holds every refused record as it was, with its place and what is wrong, in file order', async () => {
    const rejects = `${testFolder()}/rejects.csv`
    for (const blockSize of [10, 1 << 20]) {
      const source = file()
      await withDatabase(
        async (db) => {
          await db.run(table)
          const result = await db.copyFrom('N', source, { ignoreErrors: true, rejects, blockSize })
          expect(result).toMatchObject({ rowsImported: 3, rowsSkipped: 4 })
          expect(written(rejects)).toBe(
            'file,line,row,column,kind,message,record\n' +
              `${source},3,2,id,type,"""x"" is not an INT64 (whole number)","x,""a """"quoted"""" one"""\n` +
              `${source},4,3,,ragged,the record has 3 fields instead of 2,"3,c,d"\n` +
              `${source},5,4,id,type,"""y\\nz"" is not an INT64 (whole number)","""y\nz"",q"\n` +
              `${source},7,5,name,unclosedQuote,"the quote that opens field 2 is never closed: it stands on line 7, at byte 50","5,""never closed"\n`,
          )
        },
        { name: `${blockSize}.mill` },
      )
    }
  })

  it('holds a record that is longer than records may be, all of it where it can be read again', async () => {
    const long = `2,"${'x'.repeat(300_000)}""y"`
    const text = `id,name\n1,a\n${long}\n3,b\n4,${'z'.repeat(5000)}`
    const source = writeFile('long.csv', text)
    const rejects = `${testFolder()}/rejects.csv`
    const options = { ignoreErrors: true, rejects, maxRowBytes: 4000 }
    await withDatabase(async (db) => {
      await db.run(table)
      await db.copyFrom('N', source, options)
      const records = readCsv(rejects, { autoDetect: false, types: { record: 'STRING' } }).rows()
      const found: unknown[] = []
      for await (const { line, kind, record } of records) found.push({ line, kind, record })
      expect(found).toEqual([
        { line: 3, kind: 'rowTooLong', record: long },
        { line: 5, kind: 'rowTooLong', record: `4,${'z'.repeat(5000)}` },
      ])
    })
    await withDatabase(
      async (db) => {
        await db.run(table)
        await db.copyFrom('N', Readable.from([text]), options)
        expect(written(rejects)).toMatch(/; only its first 4000 bytes are here","2,""xxx/)
      },
      { name: 'stream.mill' },
    )
  })

  it('holds all of them, however many more than a result describes', async () => {
    const many = 25_000
    const lines = Array.from({ length: many }, (_, row) => (row % 5 === 0 ? lineOf(row) : `x${row},${row}\n`))
    const source = writeFile('many.csv', `id,name\n${lines.join('')}`)
    const rejects = `${testFolder()}/rejects.csv`
    await withDatabase(async (db) => {
      await db.run(table)
      const result = await db.copyFrom('N', source, { ignoreErrors: true, rejects })
      expect(result).toMatchObject({
        rowsImported: many / 5,
        rowsSkipped: (many * 4) / 5,
        errorCount: (many * 4) / 5,
      })
      expect(result.errors).toHaveLength(1000)
      const records = written(rejects).trimEnd().split('\n').slice(1)
      expect(records).toHaveLength((many * 4) / 5)
      expect(records.map((line) => line.match(/"(x\d+),\d+"$/)?.[1])).toEqual(
        lines.filter((line) => line.startsWith('x')).map((line) => line.split(',')[0]),
      )
    })
  })

  it('holds relationships without their nodes, more than a batch keeps', async () => {
    const lines = Array.from({ length: 25_000 }, (_, row) => (row % 7 === 0 ? `1,2\n` : `1,${row + 10}\n`))
    const rejects = `${testFolder()}/rejects.csv`
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, PRIMARY KEY(id))')
      await db.run('CREATE REL TABLE E(FROM N TO N)')
      await db.copyFrom('N', writeFile('ids.csv', 'id\n1\n2\n'))
      const source = writeFile('e.csv', `from,to\n${lines.join('')}`)
      const result = await db.copyFrom('E', source, { ignoreErrors: true, rejects })
      expect(await single(db, 'MATCH (:N)-[e:E]->(:N) RETURN count(*)')).toBe(result.rowsImported)
      const records = written(rejects).trimEnd().split('\n').slice(1)
      expect(records.map((line) => line.match(/"(1,\d+)"$/)?.[1])).toEqual(
        lines.filter((line) => line !== '1,2\n').map((line) => line.trimEnd()),
      )
      expect(records.map((line) => Number(line.split(',')[2]))).toEqual(
        lines.flatMap((line, row) => (line === '1,2\n' ? [] : [row + 1])),
      )
    })
  })

  it('leaves nothing of a load that is rolled back, and no doubt about one that is resumed', async () => {
    const lines = Array.from({ length: 4000 }, (_, row) => (row % 3 === 0 ? lineOf(row) : `x,${row}\n`))
    const source = writeFile('n.csv', `id,name\n${lines.join('')}`)
    const rejects = `${testFolder()}/rejects.csv`
    const whole = `${testFolder()}/whole.csv`
    await withDatabase(
      async (db) => {
        await db.run(table)
        const rolledBack = { blockSize: 1000, ignoreErrors: true, rejects }
        expect(await abortAt(db, source, 500, rolledBack)).toMatchObject({ name: 'AbortError' })
        expect(() => written(rejects)).toThrow(/ENOENT/)
        expect(() => written(`${rejects}.part`)).toThrow(/ENOENT/)
        await db.copyFrom('N', source, { ignoreErrors: true, rejects: whole })
      },
      { name: 'whole.mill' },
    )
    await withDatabase(async (db) => {
      await db.run(table)
      const options = { ...resume, ignoreErrors: true, rejects }
      while ((await abortAt(db, source, 500, options)) !== undefined)
        expect(() => written(rejects)).toThrow(/ENOENT/)
      expect(written(rejects)).toBe(written(whole))
      expect(() => written(`${rejects}.part`)).toThrow(/ENOENT/)
    })
  })

  it('needs errors to be ignored, and never takes the place of a source or of the database', async () => {
    await withDatabase(async (db) => {
      await db.run(table)
      const source = file()
      for (const rejects of [source, db.path]) {
        const load = db.copyFrom('N', source, { rejects, ignoreErrors: true })
        await expect(load).rejects.toMatchObject({ code: 'MILLRACE_ARGUMENT' })
      }
      await expect(db.copyFrom('N', file(), { rejects: 'r.csv' })).rejects.toMatchObject({
        code: 'MILLRACE_ARGUMENT',
      })
    })
  })
})

it('a stream of a file is loaded like the file', async () => {
  const file = writeFile('n.csv', textOf(0, rows))
  await withDatabase(async (db) => {
    await db.run(table)
    expect((await db.copyFrom('N', createReadStream(file), keep)).rowsImported).toBe(rows)
    await expectWhole(db)
  })
})
