/**
 * LOAD FROM and CALL sniff_csv over files that are packed or not UTF-8: the same rows as of the plain file.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

/** A Zstandard frame without a checksum, of blocks that are not compressed: zlib of Node.js 20 makes none. */
function zstdOf(text: string): Buffer {
  const bytes = Buffer.from(text)
  // A descriptor that says nothing, and a window of 128 KiB.
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3])]
  for (let at = 0; at < bytes.length; at += 1 << 17) {
    const block = bytes.subarray(at, at + (1 << 17))
    const header = Buffer.alloc(3)
    header.writeUIntLE((block.length << 3) | (at + block.length === bytes.length ? 1 : 0), 0, 3)
    parts.push(header, block)
  }
  return Buffer.concat(parts)
}

/** Larger than a ring, with a record longer than what is read behind a block. */
function manyRows(): string {
  let text = 'id,text,n\n'
  for (let i = 0; i < 60_000; i++) {
    const body = i % 20_011 === 7 ? 'long '.repeat(100_000) : `line ${i}\nand "another" €${i % 17}`
    text += `${i},"${body.replaceAll('"', '""')}",${i % 7 === 0 ? '' : i / 4}\r\n`
  }
  return text
}

const sums =
  'count(*) AS rows, sum(id) AS ids, sum(n) AS ns, count(n) AS some, min(text) AS least, max(text) AS last'

/** The row of what `CALL sniff_csv` says. */
async function sniffed(db: Database, args: string): Promise<Record<string, unknown>> {
  const [row] = (await rowsOf(db, `CALL sniff_csv(${args})`)) as Record<string, unknown>[]
  return row!
}

describe('LOAD FROM a packed file', () => {
  it('gives the rows of the plain one, over many blocks', async () => {
    const text = manyRows()
    const plain = writeFile('large.csv', text)
    const half = text.indexOf('\n30000,') + 1
    const members = [text.slice(0, half), text.slice(half)].map((part) => gzipSync(part))
    const packed = [
      writeFile('large.csv.gz', Buffer.concat(members)),
      writeFile('large.csv.zst', zstdOf(text)),
    ]
    await withDatabase(async (db) => {
      const expected = await rowsOf(db, `LOAD FROM '${plain}' RETURN ${sums}`)
      for (const file of packed) {
        expect(await rowsOf(db, `LOAD FROM '${file}' RETURN ${sums}`)).toEqual(expected)
        const { columns, header } = await sniffed(db, `'${file}'`)
        expect({ columns, header }).toEqual({ columns: 'id INT64, text STRING, n DOUBLE', header: true })
      }
    })
  })

  it('may stand beside plain ones, and within statements that write', async () => {
    writeFile('part-1.csv', 'a,b\n1,x\n2,y\n')
    writeFile('part-2.csv', gzipSync('a,b\n3,z\n'))
    writeFile('part-3.csv', zstdOf('a,b\n4,"é\n"\n'))
    await withDatabase(async (db) => {
      const from = `LOAD FROM '${testFolder()}/part-*.csv'`
      const rows = ['x', 'y', 'z', 'é\n'].map((b, i) => ({ a: i + 1, b }))
      expect(await rowsOf(db, `${from} RETURN a, b`)).toEqual(rows)
      await db.run('CREATE NODE TABLE T(a INT64, b STRING, PRIMARY KEY(a))')
      await db.run(`${from} CREATE (:T {a: a, b: b})`)
      await db.transaction(async (tx) => {
        await tx.run(`${from} MATCH (t:T {a: a}) SET t.b = b + '!'`)
      })
      expect(await rowsOf(db, 'MATCH (t:T) RETURN t.a AS a, t.b AS b ORDER BY a')).toEqual(
        rows.map(({ a, b }) => ({ a, b: `${b}!` })),
      )
    })
  })

  it('is left when no more rows are asked for: no file stays open', async () => {
    const file = writeFile('large.csv.gz', gzipSync(manyRows()))
    await withDatabase(async (db) => {
      const before = readdirSync('/proc/self/fd').length
      expect(await rowsOf(db, `LOAD FROM '${file}' RETURN id LIMIT 2`)).toEqual([{ id: 0 }, { id: 1 }])
      const result = db.query(`LOAD FROM '${file}' RETURN id`)
      for await (const _ of result) break
      const stopping = new AbortController()
      const stopped = db
        .query(`LOAD FROM '${file}' RETURN max(id)`, {}, { signal: stopping.signal })
        .toArray()
      stopping.abort(new Error('enough'))
      await expect(stopped).rejects.toThrow('enough')
      await expect.poll(() => readdirSync('/proc/self/fd').length).toBe(before)
    })
  })

  it('that is damaged, cut off, or a bomb is an error that names it', async () => {
    const text = manyRows()
    const whole = gzipSync(text)
    const cut = writeFile('cut.csv.gz', whole.subarray(0, whole.length - 10))
    const checked = join(import.meta.dirname, 'corpus', 'twenty-thousand-rows.csv.zst')
    const flipped = readFileSync(checked)
    flipped[flipped.length - 1]! ^= 1
    const damaged = writeFile('damaged.csv.zst', flipped)
    const noText = writeFile('none.csv.gz', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]))
    const bomb = writeFile('bomb.csv.gz', gzipSync(`a,b\n${'1,2\n'.repeat(20 << 20)}`, { level: 9 }))
    await withDatabase(async (db) => {
      const count = (file: string) => single(db, `LOAD FROM '${file}' RETURN count(*)`)
      for (const file of [cut, damaged, noText]) {
        await expect(count(file)).rejects.toMatchObject({
          code: 'MILLRACE_IMPORT_SOURCE',
          details: { source: file },
        })
      }
      await expect(count(bomb)).rejects.toMatchObject({ code: 'MILLRACE_UNPACKED_SIZE' })
      // Looking at it is bounded, too.
      expect(await sniffed(db, `'${bomb}'`)).toMatchObject({ columns: 'a INT64, b INT64' })
    })
  })

  it('that unpacks to a single line says that the header is too long', async () => {
    const level = constants.Z_BEST_COMPRESSION
    const file = writeFile('line.csv.gz', gzipSync('x'.repeat(40 << 20), { level }))
    await withDatabase(async (db) => {
      await expect(single(db, `LOAD FROM '${file}' RETURN *`)).rejects.toMatchObject({
        code: 'MILLRACE_CSV_HEADER',
        details: { problem: expect.stringMatching(/longer than/) },
      })
    })
  })
})

describe('LOAD FROM a file in another encoding', () => {
  it('decodes it, also when it is packed', async () => {
    const text = `name,n\n${Array.from({ length: 50_000 }, (_, i) => `Zoë ${i},${i}`).join('\n')}\n`
    const wide = Buffer.from(`\ufeff${text}`, 'utf16le')
    const files = [
      [writeFile('wide.csv', wide), 'utf-16'],
      [writeFile('wide.csv.gz', gzipSync(wide)), 'utf-16'],
      [writeFile('latin.csv', Buffer.from(text, 'latin1')), 'latin-1'],
    ] as const
    await withDatabase(async (db) => {
      for (const [file, encoding] of files) {
        const { columns, prompt } = await sniffed(db, `'${file}', ENCODING='${encoding}'`)
        expect(columns).toBe('name STRING, n INT64')
        const whole = [{ rows: 50_000, last: 49_999, name: 'Zoë 0' }]
        const read = 'RETURN count(*) AS rows, max(n) AS last, min(name) AS name'
        expect(await rowsOf(db, `LOAD FROM '${file}' (ENCODING='${encoding}') ${read}`)).toEqual(whole)
        expect(await rowsOf(db, String(prompt).replace('RETURN *', read))).toEqual(whole)
      }
      await expect(single(db, `LOAD FROM '${files[2][0]}' RETURN count(name)`)).rejects.toThrow()
    })
  })
})
