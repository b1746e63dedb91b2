/** Rows whose keys are there already, in loads that ignore errors: left out, named and counted. */
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

const createTable = (key: string) => `CREATE NODE TABLE N(id ${key}, name STRING, PRIMARY KEY(id))`
const everything = 'MATCH (n:N) RETURN n.id AS id, n.name AS name'

/** Keys in an order that makes some of them come again, next to each other and far apart. */
function keysOf(count: number): number[] {
  return Array.from({ length: count }, (_, row) => (row % 4 === 3 ? (row * 7919) % count : row))
}

interface Expected {
  readonly rows: { id: string | number; name: string }[]
  /** Rows, from 1, that are left out. */
  readonly left: number[]
}

/** What stays of records with these keys, and which are left out. */
function expectedOf(keys: readonly (string | number)[]): Expected {
  const seen = new Set<string | number>()
  const rows: Expected['rows'] = []
  const left: number[] = []
  for (const [at, id] of keys.entries()) {
    if (seen.has(id)) left.push(at + 1)
    else rows.push({ id, name: `name\n${at}` })
    seen.add(id)
  }
  return { rows, left }
}

const linesOf = (keys: readonly (string | number)[], from = 0) =>
  keys.map((id, at) => `${id},"name\n${from + at}"\n`)
const textOf = (keys: readonly (string | number)[], from = 0) => `id,name\n${linesOf(keys, from).join('')}`

describe('duplicate keys, when errors are ignored', () => {
  for (const type of ['INT64', 'STRING']) {
    it(`are left out but for the first, and named: ${type}`, async () => {
      const keys = keysOf(5000).map((key) => (type === 'STRING' ? `key ${key}` : key))
      const { rows, left } = expectedOf(keys)
      const file = writeFile('n.csv', textOf(keys))
      for (const blockSize of [2000, 1 << 20]) {
        await withDatabase(
          async (db) => {
            await db.run(createTable(type))
            const result = await db.copyFrom('N', file, { ignoreErrors: true, blockSize })
            expect(result).toMatchObject({ rowsImported: rows.length, rowsSkipped: left.length })
            expect(result.errorCount).toBe(left.length)
            expect(
              result.errors.map(({ row, line, kind, column, text }) => ({ row, line, kind, column, text })),
            ).toEqual(
              left.slice(0, 1000).map((row) => {
                const text = String(keys[row - 1])
                return { row, line: 2 * row, kind: 'duplicateKey', column: 'id', text }
              }),
            )
            expect(await rowsOf(db, everything)).toEqual(rows)
            for (const { id, name } of [rows[0]!, rows[2000]!, rows.at(-1)!]) {
              expect(await single(db, `MATCH (n:N) WHERE n.id = ${JSON.stringify(id)} RETURN n.name`)).toBe(
                name,
              )
            }
          },
          { name: `${type}-${blockSize}.mill` },
        )
      }
    })
  }

  it('are those of the table too: a file that is loaded twice adds nothing', async () => {
    const keys = keysOf(3000)
    const { rows } = expectedOf(keys)
    const file = writeFile('n.csv', textOf(keys))
    await withDatabase(async (db) => {
      await db.run(createTable('INT64'))
      await db.copyFrom('N', file, { ignoreErrors: true })
      expect(await db.copyFrom('N', file, { ignoreErrors: true })).toMatchObject({
        rowsImported: 0,
        rowsSkipped: 3000,
      })
      expect(await rowsOf(db, everything)).toEqual(rows)
    })
    await withDatabase(async (db) => {
      expect(await rowsOf(db, everything)).toEqual(rows)
      await db.copyFrom('N', writeFile('more.csv', 'id,name\n1,again\n90000,more\n'), { ignoreErrors: true })
      expect(await single(db, 'MATCH (n:N) WHERE n.id = 90000 RETURN n.name')).toBe('more')
    })
  })

  it('count as errors: more than maxErrors of them stop the load, and nothing is loaded', async () => {
    const file = writeFile('n.csv', 'id,name\n1,a\n1,b\nx,c\n2,d\n1,e\n')
    await withDatabase(async (db) => {
      await db.run(createTable('INT64'))
      await expect(db.copyFrom('N', file, { ignoreErrors: true, maxErrors: 2 })).rejects.toMatchObject({
        code: 'MILLRACE_TOO_MANY_ERRORS',
      })
      expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(0)
      const result = await db.copyFrom('N', file, { ignoreErrors: true, maxErrors: 3 })
      expect(result).toMatchObject({ rowsImported: 2, rowsSkipped: 3, errorCount: 3 })
    })
  })

  it('stop the load when errors are not ignored', async () => {
    const file = writeFile('n.csv', 'id,name\n1,a\n1,b\n')
    await withDatabase(async (db) => {
      await db.run(createTable('INT64'))
      await expect(db.copyFrom('N', file)).rejects.toMatchObject({ code: 'MILLRACE_DUPLICATE_KEY' })
    })
  })

  it('are written to the file of refused records, behind the others', async () => {
    const file = writeFile('n.csv', 'id,name\n1,a\n1,"b\n""c"""\r\nx,c\n2,d\n1,e\n')
    const rejects = `${testFolder()}/rejects.csv`
    await withDatabase(async (db) => {
      await db.run(createTable('INT64'))
      await db.copyFrom('N', file, { ignoreErrors: true, rejects })
      expect(readFileSync(rejects, 'utf8')).toBe(
        'file,line,row,column,kind,message,record\n' +
          `${file},5,3,id,type,"""x"" is not an INT64 (whole number)","x,c"\n` +
          `${file},3,2,id,duplicateKey,the key is already there,"1,""b\n""""c"""""""\n` +
          `${file},7,5,id,duplicateKey,the key is already there,"1,e"\n`,
      )
    })
  })

  it('are left out of several files, streams and packed files, on the way of a load that is resumed', async () => {
    const keys = keysOf(4000)
    const { rows, left } = expectedOf(keys)
    const files = [
      writeFile('1.csv', textOf(keys.slice(0, 1500))),
      writeFile('2.csv', gzipSync(textOf(keys.slice(1500), 1500))),
    ]
    const keep = {
      ignoreErrors: true,
      onFailure: 'keep',
      resume: true,
      blockSize: 1000,
      commitSize: 8000,
    } as const
    const expectRows = async (db: Database) => expect(await rowsOf(db, everything)).toEqual(rows)
    await withDatabase(async (db) => {
      await db.run(createTable('INT64'))
      let [imported, skipped, calls] = [0, 0, 0]
      for (;;) {
        const stop = new AbortController()
        const loading = db.copyFrom('N', files, {
          ...keep,
          signal: stop.signal,
          onProgress: ({ rowsProcessed }) => rowsProcessed > 900 && stop.abort(),
        })
        calls += 1
        const result = await loading.catch((error) => {
          expect(error.code).toBe('MILLRACE_LOAD_STOPPED')
          imported += error.details.rowsImported
          return null
        })
        if (result === null) continue
        imported += result.rowsImported
        skipped = result.rowsSkipped
        break
      }
      expect(calls).toBeGreaterThan(2)
      expect(imported).toBe(rows.length)
      expect(skipped).toBeLessThan(left.length)
      await expectRows(db)
    })
    await withDatabase(
      async (db) => {
        await db.run(createTable('INT64'))
        const result = await db.copyFrom('N', Readable.from([textOf(keys)]), {
          ignoreErrors: true,
          blockSize: 3000,
        })
        expect(result).toMatchObject({ rowsImported: rows.length, rowsSkipped: left.length })
        expect(result.errors.map(({ row }) => row)).toEqual(left.slice(0, 1000))
        await expectRows(db)
      },
      { name: 'stream.mill' },
    )
  })
})
