/** What checkpoints make of many small loads and of deleted rows. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkTable } from '@millrace/core/internal'
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

const rowsOfLoad = 20

/** Bytes of dropped tables that bring about a checkpoint. */
const removedBytesMax = 16 << 20

/** Keys in no order, so that they need the index. */
const keyOf = (row: number): number => (row * 7919) % 10_007

/** Loads people, each of whom knows the one before: a few rows `loads` times, or `relLoads` times. */
async function loadInParts(db: Database, loads: number, relLoads: number): Promise<void> {
  await db.run('CREATE NODE TABLE Person(id INT64, name STRING, PRIMARY KEY(id))')
  await db.run('CREATE REL TABLE Knows(FROM Person TO Person, since INT64)')
  let knows = 'from,to,since\n'
  for (let load = 0; load < loads; load++) {
    let people = 'id,name\n'
    for (let row = load * rowsOfLoad; row < (load + 1) * rowsOfLoad; row++) {
      people += `${keyOf(row)},a name of some length and number ${row}\n`
      knows += `${keyOf(row)},${keyOf(Math.max(0, row - 1))},${row}\n`
    }
    await db.copyFrom('Person', writeFile('people.csv', people), { header: true })
    if ((load + 1) % (loads / relLoads) !== 0) continue
    await db.copyFrom('Knows', writeFile('knows.csv', knows), { header: true })
    knows = 'from,to,since\n'
  }
}

/** Row groups of the people, and runs of whom they know. */
function partsOf(db: Database): { groups: number; runs: number; keyRuns: number } {
  const [people, knows] = db.catalog.tables
  if (people?.kind !== 'node' || knows?.kind !== 'rel') throw new Error('the tables are there')
  return { groups: people.groups.length, runs: knows.runs.length, keyRuns: people.keys.runs.length }
}

async function expectWhole(db: Database, rows: number): Promise<void> {
  expect(await single(db, 'MATCH (a:Person) RETURN count(*)')).toBe(rows)
  const ids = Array.from({ length: rows }, (_, row) => row)
  const found = await rowsOf(
    db,
    'UNWIND $ids AS id MATCH (a:Person {id: id})-[k:Knows]->(b) RETURN id, a.name, k.since, b.id',
    { ids: ids.map(keyOf) },
  )
  const expected = ids.map((row) => ({
    id: keyOf(row),
    'a.name': `a name of some length and number ${row}`,
    'k.since': row,
    'b.id': keyOf(Math.max(0, row - 1)),
  }))
  expect(found).toEqual(expected)
  expect(db.catalog.tables.flatMap((table) => [...checkTable(db.snapshot, table)])).toEqual([])
}

describe('tables that are loaded and dropped again and again', () => {
  it('do not make the file longer and longer, though the log hardly grows', async () => {
    const rows = Array.from({ length: 150_000 }, (_, row) => `${row},${Math.sin(row)} and ${Math.cos(row)}\n`)
    const file = writeFile('dropped.csv', `id,text\n${rows.join('')}`)
    const bytesAfter: number[] = []
    await withDatabase(async (db) => {
      for (let time = 0; time < 16; time++) {
        await db.run('CREATE NODE TABLE Dropped(id INT64, text STRING, PRIMARY KEY(id))')
        await db.copyFrom('Dropped', file)
        await db.run('DROP TABLE Dropped')
        bytesAfter.push(statSync(join(testFolder(), 'test.mill')).size)
      }
    })
    const [once = 0] = bytesAfter
    expect(once).toBeGreaterThan(3e6)
    expect(Math.max(...bytesAfter)).toBeLessThan(removedBytesMax + 2 * once)
  })
})

describe('many small loads', () => {
  it('leave few row groups and runs, without anybody asking for a checkpoint', async () => {
    const loads = 72
    await withDatabase(async (db) => {
      await loadInParts(db, loads, 4)
      const { groups, keyRuns } = partsOf(db)
      expect(groups).toBeLessThan(loads)
      expect(keyRuns).toBeLessThan(10)
      await expectWhole(db, loads * rowsOfLoad)
    })
    await withDatabase(async (db) => {
      // Closing has made the rest one.
      expect(partsOf(db).groups).toBeLessThan(10)
      expect(partsOf(db).runs).toBeLessThan(10)
      await expectWhole(db, loads * rowsOfLoad)
    })
  })

  it('are not made one beneath a query that reads them', async () => {
    await withDatabase(async (db) => {
      await loadInParts(db, 12, 12)
      const reading = db.query('MATCH (a:Person)-[k:Knows]->(b) RETURN a.id, b.id')
      const rows = reading[Symbol.asyncIterator]()
      await rows.next()
      await db.run('CHECKPOINT')
      expect(partsOf(db).groups).toBeLessThan(6)
      expect(partsOf(db).runs).toBeLessThan(6)
      await db.run("CREATE (:Person {id: 20000, name: 'later'})")
      await db.run('CHECKPOINT')
      let count = 1
      while (!(await rows.next()).done) count++
      expect(count).toBe(12 * rowsOfLoad)
    })
  })
})

describe('deleted rows', () => {
  it('give their room back, and their keys; others stay where they are', async () => {
    const path = join(testFolder(), 'test.mill')
    const rows = 6_000
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE Person(id INT64, name STRING, PRIMARY KEY(id))')
      await db.run('CREATE REL TABLE Knows(FROM Person TO Person, note STRING)')
      let people = 'id,name\n'
      let knows = 'from,to,note\n'
      for (let row = 0; row < rows; row++) {
        const secret = `secret-${(row * 2654435761) % 4294967296}-${(row * 40503) % 65536}`
        people += `${keyOf(row)},${secret}\n`
        knows += `${keyOf(row)},${keyOf((row * 31) % rows)},${secret}\n`
      }
      await db.copyFrom('Person', writeFile('people.csv', people), { header: true })
      await db.copyFrom('Knows', writeFile('knows.csv', knows), { header: true })
      await db.checkpoint()
    })
    const before = statSync(path).size
    const kept = keyOf(17)
    await withDatabase(async (db) => {
      await db.run('MATCH (a:Person) WHERE a.id <> $kept DETACH DELETE a', { kept })
      await db.checkpoint()
      expect(partsOf(db).keyRuns).toBeLessThanOrEqual(1)
    })
    await withDatabase(async (db) => {
      expect(await rowsOf(db, 'MATCH (a:Person) RETURN a.id, id(a) AS offset')).toEqual([
        { 'a.id': kept, offset: 17 },
      ])
      expect(await single(db, 'MATCH (a:Person) RETURN count(a.name)')).toBe(1)
      await db.run("CREATE (:Person {id: $id, name: 'again'})", { id: keyOf(3) })
      expect(db.catalog.tables.flatMap((table) => [...checkTable(db.snapshot, table)])).toEqual([])
    })
    expect(statSync(path).size).toBeLessThan(before / 2)
    expect(readFileSync(path).toString('latin1').split('secret-').length - 1).toBeLessThan(10)
  })
})
