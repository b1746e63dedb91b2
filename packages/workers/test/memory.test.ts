import { execFile } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { rowsOf, testFolder, withDatabase, writeFile } from './support.js'

const child = fileURLToPath(new URL('./fixture/measure-child.mjs', import.meta.url))
const readChild = fileURLToPath(new URL('./fixture/read-child.mjs', import.meta.url))
const mebibyte = 1 << 20

/** Writes about `bytes` bytes of records with quoted line ends, and returns how many. */
function writeRecords(path: string, bytes: number): number {
  const file = openSync(path, 'w')
  let written = writeSync(file, 'id,name,text\n')
  let rows = 0
  while (written < bytes) {
    const lines: string[] = []
    for (let line = 0; line < 5000; line++, rows++) {
      lines.push(`${rows},name ${rows},"some ""text"" with a\nline end, ${'and more '.repeat(rows % 20)}"`)
    }
    written += writeSync(file, `${lines.join('\n')}\n`)
  }
  closeSync(file)
  return rows
}

describe('the memory of an import', () => {
  it('does not depend on the size of the file', async () => {
    const peaks: number[] = []
    for (const [index, bytes] of [24 * mebibyte, 144 * mebibyte].entries()) {
      const file = join(testFolder(), `${index}.csv`)
      const rows = writeRecords(file, bytes)
      const database = join(testFolder(), `${index}.mill`)
      const { stdout } = await promisify(execFile)(process.execPath, [child, database, file])
      const { rowsImported, peakBytes } = JSON.parse(stdout)
      expect(rowsImported).toBe(rows)
      peaks.push(peakBytes)
    }
    const [small = 0, large = 0] = peaks
    expect(large).toBeLessThan(300 * mebibyte)
    expect(large - small).toBeLessThan(48 * mebibyte)
  })

  it('does not add up over imports that follow each other', async () => {
    const file = join(testFolder(), 'again.csv')
    writeRecords(file, 32 * mebibyte)
    const peaks: number[] = []
    for (const times of [1, 5]) {
      const database = join(testFolder(), `${times}.mill`)
      const { stdout } = await promisify(execFile)(process.execPath, [
        child,
        database,
        file,
        'name',
        String(times),
      ])
      peaks.push(JSON.parse(stdout).peakBytes)
    }
    const [once = 0, often = 0] = peaks
    expect(often - once).toBeLessThan(40 * mebibyte)
  })

  it('does not change what is loaded, with records longer than a block among the others', async () => {
    const lines = ['id,name,text']
    for (let id = 0; id < 40_000; id++) {
      const length = id % 9973 === 7 ? 1_900_000 : id % 1999 === 3 ? 70_000 : id % 90
      lines.push(
        `${id * 3},${(id * 7919) % 1000},"${'ab,\n'.repeat(Math.ceil(length / 4)).slice(0, length)}"`,
      )
    }
    const file = writeFile('long.csv', lines.join('\n'))
    const query =
      'MATCH (n:N) RETURN count(*), sum(n.id), sum(n.name), min(n.text), max(n.text), count(DISTINCT n.text)'
    const found: unknown[] = []
    for (const options of [
      { memoryBudget: 32 * mebibyte },
      { memoryBudget: 64 * mebibyte },
      { memoryBudget: 64 * mebibyte, blockSize: 30_000 },
      { memoryBudget: 160 * mebibyte, threads: 1 },
    ]) {
      const { memoryBudget, ...copyOptions } = options
      const name = `budget${found.length}.mill`
      await withDatabase(
        async (db) => {
          await db.run('CREATE NODE TABLE N(id INT64, name INT64, text STRING, PRIMARY KEY(id))')
          expect((await db.copyFrom('N', file, copyOptions)).rowsImported).toBe(40_000)
          found.push(await rowsOf(db, query))
        },
        { memoryBudget, name },
      )
      expect(found.at(-1)).toEqual(found[0])
    }
  })
})

describe('the memory of a reader', () => {
  it('is collected with the young objects: no batch keeps the next one', async () => {
    const file = join(testFolder(), 'read.csv')
    const rows = writeRecords(file, 256 * mebibyte)
    const { stdout } = await promisify(execFile)(process.execPath, [readChild, file])
    const read = JSON.parse(stdout)
    expect(read.rows).toBe(rows)
    // One for what was loaded before; V8 would mark the whole heap for every 64 MB that are not let go.
    expect(read.majorCollections).toBeLessThanOrEqual(2)
  })
})
