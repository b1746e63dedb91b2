/** Sources that are not plain UTF-8: other encodings, and Zstandard. */
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type CopyOptions, type Database, readCsv, sniffCsvFile } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, withDatabase, writeFile } from './support.js'

const text = 'id,name\n1,Zoë\n2,"né\nà"\n3,Łódź €\n'
const expected = [
  { id: 1, name: 'Zoë' },
  { id: 2, name: 'né\nà' },
  { id: 3, name: 'Łódź €' },
]

async function withTable<T>(action: (db: Database) => Promise<T>): Promise<T> {
  return await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
    return await action(db)
  })
}

const rows = (db: Database) => rowsOf(db, 'MATCH (n:N) RETURN n.id AS id, n.name AS name ORDER BY id')

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16()
}

describe('a source in another encoding', () => {
  const utf16 = Buffer.from(text, 'utf16le')
  const marked = Buffer.from(`\ufeff${text}`, 'utf16le')
  it.each<[string, string, Buffer]>([
    ['little-endian by its mark', 'utf-16', marked],
    ['big-endian by its mark', 'UTF-16', swapped(marked)],
    ['little-endian without a mark', 'utf-16', utf16],
    ['big-endian, as said', 'utf-16be', swapped(utf16)],
    ['little-endian, as said', 'utf-16le', utf16],
    ['packed', 'utf-16', gzipSync(marked)],
  ])('is decoded: UTF-16, %s', async (_, encoding, bytes) => {
    const file = writeFile('a.csv', bytes)
    await withTable(async (db) => {
      for (const blockSize of [1, 7, 1 << 20]) {
        const { rowsImported, bytesProcessed } = await db.copyFrom('N', file, { encoding, blockSize })
        expect([rowsImported, bytesProcessed]).toEqual([3, bytes.length])
        expect(await rows(db)).toEqual(expected)
        await db.run('MATCH (n:N) DELETE n')
      }
    })
  })

  it('is decoded from a stream', async () => {
    const file = writeFile('a.csv', marked)
    await withTable(async (db) => {
      const stream = createReadStream(file, { highWaterMark: 1 })
      expect(await db.copyFrom('N', stream, { encoding: 'utf-16' })).toMatchObject({ rowsImported: 3 })
      expect(await rows(db)).toEqual(expected)
    })
  })

  it.each([
    ['latin-1', Buffer.from([0x31, 0x2c, 0x80, 0xe9]), '\u0080é'],
    ['ISO-8859-1', Buffer.from([0x31, 0x2c, 0x80, 0xe9]), '\u0080é'],
    ['windows-1252', Buffer.from([0x31, 0x2c, 0x80, 0xe9]), '€é'],
    ['shift_jis', Buffer.from([0x31, 0x2c, 0x83, 0x65]), 'テ'],
  ])('is decoded: %s', async (encoding, line, name) => {
    const file = writeFile('a.csv', Buffer.concat([Buffer.from('id,name\n'), line]))
    await withTable(async (db) => {
      await db.copyFrom('N', file, { encoding })
      expect(await rows(db)).toEqual([{ id: 1, name }])
    })
  })

  it('is decoded by statements and the sniffer, too', async () => {
    const file = writeFile('a.csv', marked)
    expect((await sniffCsvFile(file, { encoding: 'utf-16' })).columns).toEqual([
      { name: 'id', type: 'INT64' },
      { name: 'name', type: 'STRING' },
    ])
    await withTable(async (db) => {
      await db.run(`COPY N FROM '${file}' (ENCODING='utf-16')`)
      expect(await rows(db)).toEqual(expected)
    })
  })

  it('is refused where its bytes are not of the encoding, or replaced when asked to', async () => {
    // A high surrogate alone.
    const file = writeFile(
      'a.csv',
      Buffer.concat([marked, Buffer.from([0x34, 0, 0x2c, 0, 0, 0xd8, 0x0a, 0])]),
    )
    await withTable(async (db) => {
      const failed = db.copyFrom('N', file, { encoding: 'utf-16' })
      await expect(failed).rejects.toMatchObject({ code: 'MILLRACE_TEXT_ENCODING' })
      expect(await rows(db)).toEqual([])
      await db.copyFrom('N', file, { encoding: 'utf-16', encodingErrors: 'replace' })
      expect(await rows(db)).toEqual([...expected, { id: 4, name: '\ufffd' }])
    })
  })

  it('has its bad UTF-8 replaced when asked to', async () => {
    const file = writeFile('a.csv', Buffer.from('id,name\n1,a\xffb\n2,\xc3\n', 'latin1'))
    await withTable(async (db) => {
      await expect(db.copyFrom('N', file)).rejects.toMatchObject({ code: 'MILLRACE_CSV_ENCODING' })
      await db.copyFrom('N', file, { encodingErrors: 'replace' })
      expect(await rows(db)).toEqual([
        { id: 1, name: 'a\ufffdb' },
        { id: 2, name: '\ufffd' },
      ])
    })
  })

  it('says what to do when it is of one byte a character and nobody said so', async () => {
    const record = writeFile('a.csv', Buffer.from('id,name\n1,M\xfcller\n', 'latin1'))
    const header = writeFile('b.csv', Buffer.from('id,stra\xdfe\n1,x\n', 'latin1'))
    await withTable(async (db) => {
      for (const file of [record, header]) {
        await expect(db.copyFrom('N', file)).rejects.toThrow(/et encoding to .*windows-1252/)
        await expect(readCsv(file).toArrow()).rejects.toThrow(/et encoding to .*windows-1252/)
      }
    })
  })

  it('says what to do when it is UTF-16 and nobody said so', async () => {
    const file = writeFile('a.csv', marked)
    await withTable(async (db) => {
      await expect(db.copyFrom('N', file)).rejects.toThrow("encoding 'utf-16'")
    })
  })

  it.each<[CopyOptions, string]>([
    [{ encoding: 'klingon' }, 'another label'],
    [{ encodingErrors: 'ignore' as 'error' }, "'error' or 'replace'"],
  ])('is refused for %o', async (options, message) => {
    const file = writeFile('a.csv', text)
    await withTable(async (db) => {
      await expect(db.copyFrom('N', file, options)).rejects.toThrow(message)
    })
  })
})

/** `id,name`, `1,a`, `2,b` in one frame; with its size and checksum, with its size, with its checksum. */
const frames = {
  whole: 'KLUv/SQQgQAAaWQsbmFtZQoxLGEKMixiCibGaUQ=',
  unchecked: 'KLUv/SAQgQAAaWQsbmFtZQoxLGEKMixiCg==',
  unsized: 'KLUv/QRYgQAAaWQsbmFtZQoxLGEKMixiCibGaUQ=',
}
const secondFrame = Buffer.from('KLUv/SQIQQAAMyxjCjQsZApwOcWT', 'base64')
const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])

describe('a Zstandard file', () => {
  const whole = Buffer.from(frames.whole, 'base64')
  it.each(Object.entries(frames))('is unpacked: %s', async (_, frame) => {
    const file = writeFile('a.csv.zst', Buffer.from(frame, 'base64'))
    await withTable(async (db) => {
      await db.copyFrom('N', file)
      expect(await single(db, 'MATCH (n:N) RETURN sum(n.id)')).toBe(3)
    })
  })

  it('may be of several frames, with others to be skipped among them', async () => {
    const file = writeFile('a.csv.zst', Buffer.concat([whole, skippable, secondFrame]))
    await withTable(async (db) => {
      const progress: number[] = []
      const onProgress = ({ bytesProcessed }: { bytesProcessed: number }) => progress.push(bytesProcessed)
      const { bytesProcessed } = await db.copyFrom('N', file, { onProgress })
      expect(bytesProcessed).toBe(whole.length + skippable.length + secondFrame.length)
      expect(progress.at(-1)).toBe(bytesProcessed)
      expect(await single(db, 'MATCH (n:N) RETURN sum(n.id)')).toBe(10)
    })
  })

  it('of many blocks gives all its rows, also sniffed', async () => {
    const file = join(import.meta.dirname, 'corpus', 'twenty-thousand-rows.csv.zst')
    expect((await sniffCsvFile(file)).columns.map(({ name }) => name)).toEqual(['id', 'name'])
    await withTable(async (db) => {
      expect(await db.copyFrom('N', file, { blockSize: 100_000 })).toMatchObject({ rowsImported: 20_000 })
      expect(await single(db, 'MATCH (n:N) RETURN sum(n.id)')).toBe((19_999 * 20_000) / 2)
    })
  })

  const damaged = (change: (bytes: Buffer) => Buffer) => change(Buffer.from(whole))
  it.each<[string, Buffer, string]>([
    ['with another text than its checksum says', damaged((b) => b.fill(0x39, 15, 16)), 'checksum'],
    ['cut within a frame', whole.subarray(0, 20), 'ends within'],
    ['followed by something else', Buffer.concat([whole, Buffer.from('id,name\n')]), 'no Zstandard frame'],
    [
      'that wants 128 MiB of memory',
      Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x88]), whole.subarray(6)]),
      'window',
    ],
  ])('is refused %s', async (_, bytes, problem) => {
    const file = writeFile('a.csv.zst', bytes)
    await withTable(async (db) => {
      const failed = db.copyFrom('N', file)
      await expect(failed).rejects.toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE' })
      await expect(failed).rejects.toThrow(problem)
      expect(await rows(db)).toEqual([])
    })
  })

  it('survives no flipped bit unnoticed', async () => {
    await withTable(async (db) => {
      for (let bit = 0; bit < whole.length * 8; bit += 11) {
        const bytes = Buffer.from(whole)
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        const file = writeFile('a.csv.zst', bytes)
        const failure = await db.copyFrom('N', file).then(
          () => undefined,
          (error: Error) => error,
        )
        if (failure === undefined) {
          // The descriptor's unused bit, and the sizes of frames that say the same.
          expect(await single(db, 'MATCH (n:N) RETURN sum(n.id)'), `bit ${bit}`).toBe(3)
          await db.run('MATCH (n:N) DELETE n')
        } else expect(failure).toHaveProperty('code')
      }
    })
  })
})

describe('a header', () => {
  it.each([
    ['in a file', (bytes: Buffer) => bytes],
    ['in a packed file', (bytes: Buffer) => gzipSync(bytes)],
  ])('of 100 KB is read: %s', async (_, pack) => {
    const names = ['id', 'name', ...Array.from({ length: 10_000 }, (__, i) => `column_${i}`)]
    const values = names.map((name, i) => (name === 'name' ? 'x' : String(i)))
    const file = writeFile('a.csv', pack(Buffer.from(`${names.join(',')}\n${values.join(',')}\n`)))
    await withTable(async (db) => {
      const { ignoredColumns } = await db.copyFrom('N', file)
      expect(ignoredColumns).toHaveLength(10_000)
      expect(await rows(db)).toEqual([{ id: 0, name: 'x' }])
    })
  })
})

it('the Zstandard fixture is what it is taken for', () => {
  const head = readFileSync(join(import.meta.dirname, 'corpus', 'twenty-thousand-rows.csv.zst')).subarray(
    0,
    4,
  )
  expect([...head]).toEqual([0x28, 0xb5, 0x2f, 0xfd])
})
