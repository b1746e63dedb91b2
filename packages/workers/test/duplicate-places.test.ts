/**
 * Where duplicate keys stand, of every kind of source: found with the load's last row, when the text has gone
 * by. Random documents, whose places are known from how they were made.
 */
import { createWriteStream, readdirSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { threadId } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { type CopyOptions, type Database, type ImportError, readCsv } from '@millrace/workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeFifo, onUnix, zstdOf } from './sources.fixture.js'
import { single, testFolder, withDatabase, writeFile } from './support.js'

/** Something in a document: a record with a key, or with none that is well, or what is no record. */
interface Piece {
  readonly text: string
  readonly kind: 'row' | 'refused' | 'nothing'
  readonly key: number
}

const lineEnds = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r')

const row = fc
  .tuple(fc.nat(80), fc.constantFrom('name', '"a\nb"', '"é ""q""\r\n"', '', `"long ${'x'.repeat(90)}"`))
  .map(([key, name]) => ({ text: `${key},${name}`, kind: 'row', key }) as const)

const odd = fc.constantFrom(
  { text: '', kind: 'nothing', key: 0 } as const,
  { text: '# "note', kind: 'nothing', key: 0 } as const,
  { text: 'x,y', kind: 'refused', key: 0 } as const,
  { text: '1,2,3', kind: 'refused', key: 0 } as const,
  { text: '7,"a"b', kind: 'refused', key: 0 } as const,
  { text: '"x\ny",', kind: 'refused', key: 0 } as const,
)

const pieces = (share: number): fc.Arbitrary<Piece[]> =>
  fc.array(
    fc
      .tuple(fc.oneof({ weight: 100 - share, arbitrary: row }, { weight: share, arbitrary: odd }), lineEnds)
      .map(([piece, end]) => ({ ...piece, text: piece.text + end })),
    { minLength: 1, maxLength: 60 },
  )

const header = 'id,name\n'
const textOf = (document: readonly Piece[]) => header + document.map(({ text }) => text).join('')
const linesIn = (text: string) => text.match(/\r\n|\r|\n/g)?.length ?? 0

type Place = Pick<ImportError, 'file' | 'row' | 'line' | 'byteOffset'>

/** A record that is a duplicate, and the one that had its key before. */
interface Duplicate extends Place {
  readonly key: number
  readonly earlier: Place
  readonly record: string
}

/** What documents, loaded one behind the other, hold twice. */
function duplicatesIn(documents: readonly (readonly Piece[])[], nameOf: (index: number) => string) {
  const seen = new Map<number, Place>()
  const duplicates: Duplicate[] = []
  /** Of all that are refused, for whatever reason. */
  let first: Place | Duplicate | undefined
  let refused = 0
  documents.forEach((document, index) => {
    let before = header
    let record = 0
    for (const { text, kind, key } of document) {
      if (kind !== 'nothing') record += 1
      const place = {
        file: nameOf(index),
        row: record,
        line: linesIn(before) + 1,
        byteOffset: Buffer.byteLength(before),
      }
      if (kind === 'refused') {
        refused += 1
        first ??= place
      }
      if (kind === 'row') {
        const earlier = seen.get(key)
        if (earlier === undefined) seen.set(key, place)
        else {
          const duplicate = { ...place, key, earlier, record: text.replace(/(\r\n|\r|\n)$/, '') }
          duplicates.push(duplicate)
          first ??= duplicate
        }
      }
      before += text
    }
  })
  return { duplicates, refused, rows: seen.size, first }
}

/** A way of giving documents to a load. */
interface Source {
  readonly name: string
  readonly options?: CopyOptions
  /** It takes one document only. */
  readonly isStream: boolean
  /** How the source is called in errors, and what to load; made anew for each load. */
  open(texts: readonly string[]): { names: string[]; source: string | string[] | Readable }
}

const files = (name: string, pack: (text: string) => string | Uint8Array, options?: CopyOptions): Source => ({
  name,
  ...(options && { options }),
  isStream: false,
  open(texts) {
    const source = texts.map((text, index) => writeFile(`${index}.csv`, pack(text)))
    return { names: source, source }
  },
})

/** Chunks of a few bytes and of many. */
function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 300) {
    yield bytes.subarray(at, at + size)
  }
}

const stream = (name: string, pack: (text: string) => Buffer, options?: CopyOptions): Source => ({
  name,
  ...(options && { options }),
  isStream: true,
  open: ([text]) => ({ names: ['<stream>'], source: Readable.from(chunksOf(pack(text!))) }),
})

/** A fifo of a shell, written to by whoever has it. */
const fifo: Source = {
  name: 'a pipe',
  isStream: true,
  open([text]) {
    const path = makeFifo(`pipe-${Math.random()}`)
    createWriteStream(path).end(text)
    return { names: [path], source: path }
  },
}

const halves = (text: string): [string, string] => {
  const middle = text.length >> 1
  return [text.slice(0, middle), text.slice(middle)]
}
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')

const sources: Source[] = [
  files('files', (text) => text),
  files('gzip of several members', (text) => Buffer.concat(halves(text).map((part) => gzipSync(part)))),
  files('Zstandard', (text) => zstdOf(Buffer.from(text))),
  files('UTF-16', utf16, { encoding: 'utf-16le' }),
  files('packed UTF-16', (text) => gzipSync(utf16(text)), { encoding: 'utf-16le' }),
  stream('a stream', (text) => Buffer.from(text)),
  stream('a stream in Latin-1', (text) => Buffer.from(text, 'latin1'), { encoding: 'latin1' }),
  ...(onUnix ? [fifo] : []),
]

const cuts = fc.record({
  blockSize: fc.constantFrom(1, 7, 64, 300, 2000, 1 << 20),
  batchSize: fc.constantFrom(1, 3, 50, 100_000),
  threads: fc.constantFrom(1, 2, 4),
})

const placeOf = ({ file, row, line, byteOffset }: Place) => ({ file, row, line, byteOffset })

const dialect = { comment: '#' } as const

async function withTable<T>(action: (db: Database) => Promise<T>): Promise<T> {
  return await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
    return await action(db)
  })
}

/** Multiplies the documents of each test. The quick dose is 1. */
const dose = Number(process.env.MILLRACE_TEST_DOSE ?? 1)
const numRuns = 5 * dose

/** What stands in a file of rejects about duplicates. */
async function writtenIn(rejects: string) {
  const written: unknown[] = []
  const types = { record: 'STRING', row: 'INT64', line: 'INT64' } as const
  for await (const { kind, file, row, line, record } of readCsv(rejects, { header: true, types }).rows()) {
    if (kind === 'duplicateKey') written.push([file, Number(row), Number(line), record ?? ''])
  }
  return written
}

describe.each(sources)('duplicate keys in $name', ({ open, options, isStream }) => {
  const documentsOf = (share: number) =>
    fc.array(pieces(share), { minLength: 1, maxLength: isStream ? 1 : 3 })
  // The text of a stream's records is gone.
  const linesOf = ({ file, row, line, record }: Duplicate) => [file, row, line, isStream ? '' : record]

  it('stop a load where they are the first refused, with their place and that of who has the key', async () => {
    await withTable(async (db) => {
      const documents = fc.oneof(documentsOf(0), documentsOf(8))
      const property = fc.asyncProperty(documents, cuts, async (documents, cut) => {
        const { names, source } = open(documents.map(textOf))
        const { first } = duplicatesIn(documents, (index) => names[index]!)
        const load = db.copyFrom('N', source, { ...dialect, ...options, ...cut, dryRun: true })
        if (first === undefined) return void (await load)
        const error = await load.catch((error) => error)
        expect(placeOf(error.details)).toEqual(placeOf(first))
        expect(error.code === 'MILLRACE_DUPLICATE_KEY').toBe('earlier' in first)
        if (!('earlier' in first)) return
        expect(error.details).toMatchObject({ column: 'id', value: String(first.key) })
        const { file, line, row } = first.earlier
        expect(error.message).toContain(`${file}, line ${line}, row ${row}`)
      })
      await fc.assert(property, { numRuns })
    })
  })

  it('are left out among other refused records, and told and written down with their places', async () => {
    await withTable(async (db) => {
      const rejects = `${testFolder()}/rejects.csv`
      const property = fc.asyncProperty(documentsOf(12), cuts, async (documents, cut) => {
        const { names, source } = open(documents.map(textOf))
        const expected = duplicatesIn(documents, (index) => names[index]!)
        const how = { ...dialect, ...options, ...cut, ignoreErrors: true, dryRun: true, rejects }
        const result = await db.copyFrom('N', source, how)
        const { duplicates, refused, rows } = expected
        expect(result).toMatchObject({ rowsImported: rows, errorCount: refused + duplicates.length })
        const told = result.errors.filter(({ kind }) => kind === 'duplicateKey')
        expect(told.map((error) => ({ ...placeOf(error), text: error.text }))).toEqual(
          duplicates.map((duplicate) => ({ ...placeOf(duplicate), text: String(duplicate.key) })),
        )
        expect(await writtenIn(rejects)).toEqual(duplicates.map(linesOf))
      })
      await fc.assert(property, { numRuns })
    })
  })

  it('have their places in a load that commits on its way, and is stopped and resumed', async () => {
    await withTable(async (db) => {
      const rejects = `${testFolder()}/rejects.csv`
      const document = fc.sample(pieces(12), { numRuns: 30, seed: 7 }).flat()
      const cut = document.length >> 1
      const documents = isStream ? [document] : [document.slice(0, cut), document.slice(cut)]
      let names: string[] = []
      for (let calls = 1; ; calls++) {
        const opened = open(documents.map(textOf))
        names = opened.names
        const stop = new AbortController()
        const load = db.copyFrom('N', opened.source, {
          ...{ ...dialect, ...options, rejects, ignoreErrors: true, signal: stop.signal },
          ...{ onFailure: 'keep', resume: true, blockSize: 500, commitSize: 3000 },
          onProgress: ({ rowsProcessed }) => calls < 3 && rowsProcessed > 300 && stop.abort(),
        })
        const error = await load.catch((error) => error)
        if (!(error instanceof Error)) break
        expect(error).toMatchObject({ code: 'MILLRACE_LOAD_STOPPED' })
      }
      const { duplicates, rows } = duplicatesIn(documents, (index) => names[index]!)
      expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(rows)
      expect(await writtenIn(rejects)).toEqual(duplicates.map(linesOf))
    })
  })
})

describe('duplicate keys in a packed file that is removed while it is loaded', () => {
  it('have their places: the file stays open', async () => {
    await withTable(async (db) => {
      const names = ['1.csv', '2.csv'].map((name) =>
        writeFile(name, gzipSync('id,name\n1,a\n1,"b\n"\n2,c\n')),
      )
      let removed = false
      const onProgress = () => {
        for (const name of names.slice(0, removed ? 0 : 1)) rmSync(name)
        removed = true
      }
      const { errors } = await db.copyFrom('N', names, { ignoreErrors: true, onProgress })
      expect(removed).toBe(true)
      expect(errors.map(placeOf)).toEqual([
        { file: names[0], row: 2, line: 3, byteOffset: 12 },
        { file: names[1], row: 1, line: 2, byteOffset: 8 },
        { file: names[1], row: 2, line: 3, byteOffset: 12 },
        { file: names[1], row: 3, line: 5, byteOffset: 19 },
      ])
    })
  })
})

describe('duplicate keys in a stream of many rows', () => {
  it('have their places when these do not fit in memory', async () => {
    const text = `id,name\n${Array.from({ length: 500_000 }, (_, id) => `${id},${id % 9 === 0 ? '"\n"' : ''}\n`).join('')}`
    const copies = ['17,again\n', '499999,again\n']
    const options = { threads: 2, memoryBudget: 48 << 20 }
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
      let spilled: string[] = []
      const onProgress = () => {
        spilled = readdirSync(testFolder()).filter((name) => name.includes(`.tmp-${threadId}-`))
      }
      const source = Readable.from([text, ...copies])
      const { errors } = await db.copyFrom('N', source, { ignoreErrors: true, onProgress })
      expect(spilled).toHaveLength(1)
      const line = linesIn(text) + 1
      expect(errors.map((error) => ({ ...placeOf(error), text: error.text }))).toEqual([
        { file: '<stream>', row: 500_001, line, byteOffset: text.length, text: '17' },
        { file: '<stream>', row: 500_002, line: line + 1, byteOffset: text.length + 9, text: '499999' },
      ])
    }, options)
  })
})
