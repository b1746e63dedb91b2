/** CSV read without a database. */
import { createReadStream, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { type CsvBatch, type ImportSource, type ReadOptions, readCsv } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { countingWorkers, testFolder, writeFile } from './support.js'

const text = [
  'id,name,score,day,seen,ok,n32',
  '1,Zoë,1.5,2024-02-29,2024-02-29T12:00:00.5Z,true,7',
  '2,"a ""b"", c\nd",-0.25,1970-01-01,1969-12-31T23:59:59Z,false,-7',
  '3,,,,,,',
  '4,"",1e300,9999-12-31,2000-01-01,t,0',
  '',
].join('\n')

const values = [
  {
    ...{ id: 1, name: 'Zoë', score: 1.5, day: new Date('2024-02-29') },
    ...{ seen: new Date('2024-02-29T12:00:00.5Z'), ok: true, n32: 7 },
  },
  {
    ...{ id: 2, name: 'a "b", c\nd', score: -0.25, day: new Date('1970-01-01') },
    ...{ seen: new Date('1969-12-31T23:59:59Z'), ok: false, n32: -7 },
  },
  { id: 3, name: null, score: null, day: null, seen: null, ok: null, n32: null },
  {
    ...{ id: 4, name: '', score: 1e300, day: new Date('9999-12-31') },
    ...{ seen: new Date('2000-01-01'), ok: true, n32: 0 },
  },
]

const types = { n32: 'INT32', ok: 'BOOL' } as const

async function rowsOf(source: Parameters<typeof readCsv>[0], options: ReadOptions = {}) {
  const rows: unknown[] = []
  for await (const row of readCsv(source, { threads: 2, ...options }).rows()) rows.push({ ...row })
  return rows
}

/** `count` records `i,text i`. */
function counted(count: number): string {
  return `id,name\n${Array.from({ length: count }, (_, i) => `${i},"text\n${i}"\n`).join('')}`
}

describe('reading CSV without a database', () => {
  it.each([1, 3, 64, 1 << 20])('gives the same rows in blocks of %d bytes', async (blockSize) => {
    const file = writeFile('a.csv', text)
    for (const threads of [1, 3]) {
      expect(await rowsOf(file, { types, blockSize, threads })).toEqual(values)
    }
  })

  it('reads every type within its memory, and goes by all options', async () => {
    const record = '0.5,123456789012345678901.25,1 day,AP8=,"{""a"":1}","[[1],[]]",inf'
    const file = writeFile('types.csv', `f,d,i,b,j,l,x\n${record}\n,,,,,,\n`)
    const types = {
      f: 'FLOAT',
      d: 'DECIMAL(38,2)',
      i: 'INTERVAL',
      b: 'BLOB',
      j: 'JSON',
      l: 'INT64[][]',
    } as const
    const options = { types: { ...types, x: 'DOUBLE' }, nonFinite: true, blobFormat: 'base64' } as const
    const [first, second] = await rowsOf(file, options)
    expect(first).toEqual({
      ...{ f: 0.5, d: '123456789012345678901.25', i: '1 day', b: new Uint8Array([0, 255]) },
      ...{ j: '{"a":1}', l: [[1], []], x: Number.POSITIVE_INFINITY },
    })
    expect(Object.values(second as object)).toEqual(Array(7).fill(null))
  })

  it('gives columns as typed arrays, with validity, and texts by offsets', async () => {
    const reader = readCsv(writeFile('a.csv', text), { types })
    expect(await reader.columns()).toEqual([
      { name: 'id', type: 'INT64' },
      { name: 'name', type: 'STRING' },
      { name: 'score', type: 'DOUBLE' },
      { name: 'day', type: 'DATE' },
      { name: 'seen', type: 'TIMESTAMP' },
      { name: 'ok', type: 'BOOL' },
      { name: 'n32', type: 'INT32' },
    ])
    const batches: CsvBatch[] = []
    for await (const batch of reader) batches.push(batch)
    expect(batches).toHaveLength(1)
    const [batch] = batches as [CsvBatch]
    expect(batch.rowCount).toBe(4)
    const column = (name: string) => batch.column(name)!
    expect(column('id')).toMatchObject({
      values: BigInt64Array.of(1n, 2n, 3n, 4n),
      validity: null,
      nullCount: 0,
    })
    expect(column('score')).toMatchObject({ values: Float64Array.of(1.5, -0.25, 0, 1e300), nullCount: 1 })
    expect([...column('score').validity!]).toEqual([0b1011])
    expect(column('day')).toMatchObject({ values: Int32Array.of(19782, 0, 0, 2932896) })
    expect(column('ok')).toMatchObject({ values: Uint8Array.of(1, 0, 0, 1) })
    expect(column('n32')).toMatchObject({ values: Int32Array.of(7, -7, 0, 0) })
    const name = column('name')
    if (name.kind !== 'text') throw new Error('a column of texts')
    expect(name.offsets).toEqual(Int32Array.of(0, 4, 14, 14, 14))
    expect(Buffer.from(name.bytes).toString()).toBe('Zoëa "b", c\nd')
    expect([...name.validity!]).toEqual([0b1011])
    expect(column('nothing')).toBeUndefined()
    expect(reader.result).toMatchObject({
      rowsRead: 4,
      rowsSkipped: 0,
      bytesProcessed: Buffer.byteLength(text),
    })
  })

  it('parses only the columns that are asked for, in that order', async () => {
    const file = writeFile('a.csv', 'a,b,c\n1,x,2\n3,y,not a number\n')
    expect(await rowsOf(file, { columns: ['b', 'a'], types: { c: 'INT64' } })).toEqual([
      { b: 'x', a: 1 },
      { b: 'y', a: 3 },
    ])
    await expect(rowsOf(file, { columns: ['d'] })).rejects.toMatchObject({
      code: 'MILLRACE_MISSING_COLUMN',
      details: { where: 'its header names', found: 'a, b, c' },
    })
    const plain = writeFile('plain.csv', '1,x\n')
    await expect(rowsOf(plain, { header: false, types: { id: 'INT64' } })).rejects.toMatchObject({
      code: 'MILLRACE_MISSING_COLUMN',
      details: { where: 'its columns are called', found: 'column0, column1' },
    })
  })

  it('hands every option of the dialect on, also what is not guessed', async () => {
    const file = writeFile('a.csv', 'a;b\ninf;aGk=\n')
    const types = { a: 'DOUBLE', b: 'BLOB' } as const
    await expect(rowsOf(file, { types })).rejects.toMatchObject({ code: 'MILLRACE_CSV_TYPE' })
    const rows = await rowsOf(file, { types, delim: ';', nonFinite: true, blobFormat: 'base64' })
    expect(rows).toEqual([{ a: Number.POSITIVE_INFINITY, b: new Uint8Array(Buffer.from('hi')) }])
  })

  it('gives columns of one name a number, so that none hides another', async () => {
    const file = writeFile('a.csv', 'a,b,a,a_1,a,\n1,2,3,4,5,6\n')
    expect(await rowsOf(file, { header: true })).toEqual([{ a: 1, b: 2, a_2: 3, a_1: 4, a_3: 5, column5: 6 }])
    expect(await rowsOf(file, { header: true, columns: ['a_3', 'a'], types: { a_2: 'STRING' } })).toEqual([
      { a_3: 5, a: 1 },
    ])
  })

  it('names columns as it is told, or by number', async () => {
    const file = writeFile('a.csv', '1;x\n2;y\n')
    expect(await rowsOf(file)).toEqual([
      { column0: 1, column1: 'x' },
      { column0: 2, column1: 'y' },
    ])
    const named = { names: ['id', 'name'], types: { id: 'STRING' } } as const
    expect(await rowsOf(file, named)).toEqual([
      { id: '1', name: 'x' },
      { id: '2', name: 'y' },
    ])
    await expect(rowsOf(file, { names: ['a', 'b', 'c'] })).rejects.toThrow('at most 2')
  })

  it('names fewer columns than there are, but none as the header names one behind them', async () => {
    const file = writeFile('a.csv', 'id,first,last\n1,Ada,Lovelace\n')
    expect(await rowsOf(file, { names: ['nr', 'first'] })).toEqual([
      { nr: 1, first: 'Ada', last: 'Lovelace' },
    ])
    // Somebody who means to pick a column would get the values of another.
    for (const names of [['last'], ['first'], ['id', 'last']]) {
      await expect(rowsOf(file, { names })).rejects.toMatchObject({
        code: 'MILLRACE_ARGUMENT',
        message: expect.stringContaining('columns picks some'),
      })
    }
    expect(await rowsOf(file, { names: ['last', 'id', 'first'] })).toEqual([
      { last: 1, id: 'Ada', first: 'Lovelace' },
    ])
  })

  it('reads streams, packed files, globs, and other encodings', async () => {
    const file = writeFile('a.csv', text)
    expect(await rowsOf(createReadStream(file, { highWaterMark: 5 }), { types })).toEqual(values)
    expect(await rowsOf(Readable.from([text]), { types })).toEqual(values)
    expect(await rowsOf(writeFile('a.gz', gzipSync(text)), { types })).toEqual(values)
    const utf16 = writeFile('u.csv', Buffer.from(text, 'utf16le'))
    expect(await rowsOf(utf16, { types, encoding: 'utf-16' })).toEqual(values)
    writeFile('p1.csv', counted(3))
    writeFile('p2.csv', counted(2))
    expect(await rowsOf(`${testFolder()}/p*.csv`)).toHaveLength(5)
  })

  it('reads what stands under lines that are no records', async () => {
    const titled = 'Members\n"of May, and\nof June"\n\nid,name\n1,Ann\n2,Bob\n'
    const expected = [
      { id: 1, name: 'Ann' },
      { id: 2, name: 'Bob' },
    ]
    expect(await rowsOf(writeFile('titled.csv', titled))).toEqual(expected)
    expect(await rowsOf(Readable.from([titled]))).toEqual(expected)
    const broken = writeFile('titled.csv', `${titled}3,Eve,x\n`)
    await expect(rowsOf(broken)).rejects.toMatchObject({ details: { row: 3, line: 8 } })
  })

  it('gives many batches in file order, each with the rows before it counted', async () => {
    const rows = 30_000
    const file = writeFile('a.csv', counted(rows))
    let next = 0
    let batches = 0
    for await (const batch of readCsv(file, { blockSize: 20_000, batchSize: 700, threads: 2 })) {
      expect(batch.firstRow).toBe(next)
      expect(batch.rowCount).toBeLessThanOrEqual(700)
      const { values: ids } = batch.column('id') as { values: BigInt64Array }
      for (const id of ids) expect(id).toBe(BigInt(next++))
      batches++
    }
    expect(next).toBe(rows)
    expect(batches).toBeGreaterThan(40)
  })

  it('gives batches that stay what they are', async () => {
    const batches: CsvBatch[] = []
    for await (const batch of readCsv(writeFile('a.csv', counted(5000)), { blockSize: 4000 }))
      batches.push(batch)
    const rows = batches.flatMap((batch) => [...batch.rows()])
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 5000 }, (_, i) => i))
  })

  it('gives batches memory of their own, or with `reuse` that of batches that are gone', async () => {
    const file = writeFile('reuse.csv', counted(20_000))
    const options = { blockSize: 1 << 13, threads: 2 }
    const kept: CsvBatch[] = []
    for await (const batch of readCsv(file, options)) kept.push(batch)
    expect(kept.length).toBeGreaterThan(5)
    expect(kept.flatMap((batch) => [...batch.rows()].map(({ id }) => id))).toEqual([...Array(20_000).keys()])
    const memories: ArrayBufferLike[] = []
    const ids: unknown[] = []
    for await (const batch of readCsv(file, { ...options, reuse: true })) {
      const column = batch.column('id')
      if (column?.kind === 'number') memories.push(column.values.buffer)
      for (const { id, name } of batch.rows()) {
        ids.push(id)
        expect(name).toBe(`text\n${id}`)
      }
    }
    expect(ids).toEqual([...Array(20_000).keys()])
    expect(memories).toHaveLength(kept.length)
    expect(memories.every((memory) => memory instanceof ArrayBuffer)).toBe(true)
    // What went back to be filled again is gone here; the last ones found no further block.
    expect(kept.length).toBeGreaterThan(20)
    expect(memories.filter(({ byteLength }) => byteLength > 0).length).toBeLessThan(10)
    const table = await readCsv(file, { ...options, reuse: true }).toArrow()
    expect([table.get(0)?.toArray()[0], table.get(19_999)?.toArray()[0]].map(Number)).toEqual([0, 19_999])
  })

  it('becomes an Arrow table', async () => {
    const reader = readCsv(writeFile('a.csv', text), { types, blockSize: 64 })
    const table = await reader.toArrow()
    expect(table.numRows).toBe(4)
    expect(table.schema.fields.map(({ name }) => name)).toEqual(Object.keys(values[0]!))
    expect(table.getChild('name')?.toJSON()).toEqual(values.map(({ name }) => name))
    expect(table.getChild('ok')?.toJSON()).toEqual(values.map(({ ok }) => ok))
    for await (const batch of readCsv(writeFile('b.csv', text), { types })) {
      expect((await batch.toArrow()).getChild('score')?.toJSON()).toEqual(values.map(({ score }) => score))
    }
  })

  it('gives integers beyond 2^53 as bigints when asked to', async () => {
    const file = writeFile('a.csv', 'id\n9007199254740993\n')
    await expect(rowsOf(file)).rejects.toMatchObject({ code: 'MILLRACE_INT64_RANGE' })
    expect(await rowsOf(file, { int64: 'bigint' })).toEqual([{ id: 9007199254740993n }])
  })
})

describe('reading that ends early', () => {
  const bad = `${counted(5000)}x,y\n${counted(5000).slice(8)}`

  it('throws at the first refused record, behind the rows before it', async () => {
    const file = writeFile('a.csv', bad)
    for (const threads of [1, 2]) {
      let rows = 0
      const read = async () => {
        const options = { threads, blockSize: 5000, types: { id: 'INT64' } } as const
        for await (const batch of readCsv(file, options)) rows += batch.rowCount
      }
      await expect(read()).rejects.toMatchObject({
        code: 'MILLRACE_CSV_TYPE',
        details: { line: 10_002, row: 5001, column: 'id', text: 'x' },
      })
      expect(rows).toBe(5000)
    }
  })

  it('leaves refused records out when asked to, and counts them', async () => {
    const file = writeFile('a.csv', bad)
    const reader = readCsv(file, { ignoreErrors: true, types: { id: 'INT64' } })
    let rows = 0
    for await (const batch of reader) rows += batch.rowCount
    expect(rows).toBe(10_000)
    expect(reader.result).toMatchObject({ rowsRead: 10_000, rowsSkipped: 1, errorCount: 1 })
    expect(reader.result?.errors).toMatchObject([{ line: 10_002, row: 5001, kind: 'type' }])
    await expect(
      rowsOf(file, { ignoreErrors: true, maxErrors: 0, types: { id: 'INT64' } }),
    ).rejects.toMatchObject({
      code: 'MILLRACE_TOO_MANY_ERRORS',
    })
  })

  it('starts a thread for each processor, but one for a small file, and those that were asked for', async () => {
    const small = writeFile('small.csv', counted(10))
    const large = writeFile('large.csv', counted(900_000))
    const most = availableParallelism()
    for (const [source, options, threads] of [
      [small, {}, 1],
      [[small, small], {}, 1],
      [small, { threads: 3 }, 3],
      [small, { types: { id: 'INT32' } }, most],
      [large, {}, Math.min(2, most)],
      [[large, large], {}, Math.min(3, most)],
      [join(testFolder(), 'sm*.csv'), {}, most],
    ] as const) {
      const { started } = await countingWorkers(async () => {
        for await (const _ of readCsv(source as ImportSource, { columns: ['id'], ...options }));
      })
      expect(started, JSON.stringify([source, options])).toBe(threads)
    }
  })

  it('closes everything when the iteration is left', async () => {
    const before = readdirSync('/proc/self/fd').length
    const file = writeFile('a.csv', counted(20_000))
    for await (const batch of readCsv(file, { blockSize: 1000 })) {
      expect(batch.rowCount).toBeGreaterThan(0)
      break
    }
    const reader = readCsv(file)
    await reader.columns()
    await reader.close()
    await expect(rowsOf(writeFile('b.csv', ''))).rejects.toMatchObject({ code: 'MILLRACE_CSV_NO_RECORD' })
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 1)
  })

  it('stops for a signal, with its reason', async () => {
    const file = writeFile('a.csv', counted(50_000))
    const controller = new AbortController()
    const reason = new Error('enough')
    const read = async () => {
      for await (const _ of readCsv(file, { blockSize: 1000, signal: controller.signal }))
        controller.abort(reason)
    }
    await expect(read()).rejects.toBe(reason)
    await expect(rowsOf(file, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('reads a stream no further than somebody asks', async () => {
    let given = 0
    async function* endless(): AsyncGenerator<string> {
      yield 'id,name\n'
      for (;;) {
        given++
        yield `${given},${'x'.repeat(990)}\n`
      }
    }
    const options = { blockSize: 10_000, threads: 2, maxRowBytes: 10_000 }
    let taken = 0
    for await (const batch of readCsv(Readable.from(endless()), options)) {
      taken += batch.rowCount
      await new Promise((resolve) => setTimeout(resolve, 30))
      if (taken > 50) break
    }
    // What is parsed, in the ring, and in the sample that was looked at.
    expect(given).toBeLessThan(taken + 600)
  })

  it('can be asked once', async () => {
    const reader = readCsv(writeFile('a.csv', text))
    for await (const _ of reader) {
      // Only to be asked.
    }
    await expect(reader.rows().next()).rejects.toThrow('asking once')
  })

  it('passes on what a stream fails with', async () => {
    async function* failing(): AsyncGenerator<string> {
      yield text
      throw new Error('the line is dead')
    }
    await expect(rowsOf(Readable.from(failing()))).rejects.toThrow('the line is dead')
  })
})
