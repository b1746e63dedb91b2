/** Keys that are changed, and rows of a COPY that are changed in the same transaction. */
import { checkTable } from '@millrace/core/internal'
import type { Database, Transaction } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, withDatabase, writeFile } from './support.js'

async function withPeople<T>(action: (db: Database) => Promise<T>): Promise<T> {
  return await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE Person(name STRING, age INT64, PRIMARY KEY(name))')
    await db.run('CREATE REL TABLE Knows(FROM Person TO Person, since INT64)')
    await db.copyFrom('Person', writeFile('people.csv', 'name,age\nAda,36\nBen,40\nCem,20\n'), {
      header: true,
    })
    await db.copyFrom('Knows', writeFile('knows.csv', 'from,to,since\nAda,Ben,1\nBen,Cem,2\n'), {
      header: true,
    })
    return await action(db)
  })
}

async function pairs(db: Database | Transaction): Promise<unknown[]> {
  const rows = await db
    .query('MATCH (a:Person)-[k:Knows]->(b) RETURN a.name, b.name ORDER BY k.since')
    .toArray()
  return rows.map((row) => [row['a.name'], row['b.name']])
}

function problemsOf(db: Database): unknown[] {
  return db.catalog.tables.flatMap((table) => [...checkTable(db.snapshot, table)])
}

describe('another key for a node', () => {
  it('leads to it from then on; its relationships stay; the former key is free', async () => {
    await withPeople(async (db) => {
      const before = db.query('MATCH (a:Person) RETURN a.name')
      await db.run("MATCH (a:Person {name: 'Ben'}) SET a.name = 'Bo', a.age = 41")
      expect(await pairs(db)).toEqual([
        ['Ada', 'Bo'],
        ['Bo', 'Cem'],
      ])
      expect(await rowsOf(db, "MATCH (a:Person {name: 'Ben'}) RETURN a.age")).toEqual([])
      expect((await before.toArray()).map((row) => row['a.name'])).toEqual(['Ada', 'Ben', 'Cem'])
      await db.run("CREATE (:Person {name: 'Ben', age: 1})")
      await db.checkpoint()
      // As keys of a file, too.
      await db.copyFrom('Knows', writeFile('more.csv', 'from,to,since\nBo,Ben,3\n'), { header: true })
      expect((await pairs(db))[2]).toEqual(['Bo', 'Ben'])
    })
    await withDatabase(async (db) => {
      expect(
        await rowsOf(db, "UNWIND ['Bo', 'Ben'] AS n MATCH (a:Person {name: n}) RETURN n, a.age"),
      ).toEqual([
        { n: 'Bo', 'a.age': 41 },
        { n: 'Ben', 'a.age': 1 },
      ])
      expect(problemsOf(db)).toEqual([])
    })
  })

  it('must be free, and there; a statement that fails changes none', async () => {
    await withPeople(async (db) => {
      await expect(db.run("MATCH (a:Person {name: 'Ben'}) SET a.name = 'Ada'")).rejects.toThrow(
        /the key Ada of Person\.name is already there/,
      )
      await expect(db.run("MATCH (a:Person {name: 'Ben'}) REMOVE a.name")).rejects.toThrow(
        /primary key Person\.name .* cannot be NULL/,
      )
      // The second row would take the key that the first one got.
      await expect(db.run("MATCH (a:Person) SET a.name = 'same'")).rejects.toMatchObject({
        code: 'MILLRACE_DUPLICATE_KEY',
      })
      expect(await pairs(db)).toEqual([
        ['Ada', 'Ben'],
        ['Ben', 'Cem'],
      ])
    })
  })

  it('that is changed again and again leaves an index no larger than its table', async () => {
    await withPeople(async (db) => {
      for (let round = 0; round < 6; round++) {
        await db.run('MATCH (a:Person) SET a.name = a.name + $mark', { mark: String(round % 2) })
        await db.checkpoint()
      }
      await db.run("MATCH (a:Person {name: 'Ada010101'}) SET a.name = 'Ada'")
      await db.checkpoint()
      await db.run("MATCH (a:Person {name: 'Ada'}) SET a.name = 'Ada010101'")
      await db.checkpoint()
      const [people] = db.catalog.tables
      const entries =
        people?.kind === 'node' ? people.keys.runs.reduce((sum, run) => sum + run.entries, 0) : 0
      expect(entries).toBeGreaterThan(0)
      expect(entries).toBeLessThanOrEqual(3)
      expect((await pairs(db))[0]).toEqual(['Ada010101', 'Ben010101'])
      expect(problemsOf(db)).toEqual([])
    })
  })
})

describe('rows of a COPY within a transaction', () => {
  const change = async (tx: Transaction): Promise<void> => {
    await tx.run("CREATE (:Person {name: 'Dee', age: 5})")
    await tx.copyFrom('Person', writeFile('new.csv', 'name,age\nEve,7\nFay,8\nGil,9\n'), { header: true })
    await tx.run("MATCH (a:Person {name: 'Eve'}) SET a.age = 70, a.name = 'Eva'")
    await tx.run("MATCH (a:Person {name: 'Gil'}) DELETE a")
    await tx.run(
      "MATCH (a:Person {name: 'Eva'}), (b:Person {name: 'Dee'}) CREATE (a)-[:Knows {since: 9}]->(b), (b)-[:Knows {since: 10}]->(:Person {name: 'Hal'})",
    )
    await tx.copyFrom('Knows', writeFile('new-knows.csv', 'from,to,since\nHal,Eva,11\nFay,Ada,12\n'), {
      header: true,
    })
    await tx.run("MATCH (:Person {name: 'Fay'})-[k:Knows]->() DELETE k")
    await tx.run("MERGE (a:Person {name: 'Fay'}) ON CREATE SET a.age = 0 ON MATCH SET a.age = a.age + 1")
  }
  const changed = [
    ['Ada', 'Ben'],
    ['Ben', 'Cem'],
    ['Eva', 'Dee'],
    ['Dee', 'Hal'],
    ['Hal', 'Eva'],
  ]

  it('are changed, deleted and joined in it, seen by it alone, and are there after its commit', async () => {
    await withPeople(async (db) => {
      await db.transaction(async (tx) => {
        await change(tx)
        expect(await pairs(tx)).toEqual(changed)
        expect(await single(db, 'MATCH (a:Person) RETURN count(*)')).toBe(3)
      })
      expect(await pairs(db)).toEqual(changed)
    })
    await withDatabase(async (db) => {
      expect(await pairs(db)).toEqual(changed)
      expect(await rowsOf(db, 'MATCH (a:Person) WHERE a.age IN [70, 9] RETURN a.name, a.age')).toEqual(
        [
          { 'a.name': 'Fay', 'a.age': 9 },
          { 'a.name': 'Eva', 'a.age': 70 },
        ].sort((left, right) => right['a.age'] - left['a.age']),
      )
      expect(problemsOf(db)).toEqual([])
    })
  })

  it('are gone with it when it is rolled back', async () => {
    await withPeople(async (db) => {
      const rolledBack = db.transaction(async (tx) => {
        await change(tx)
        throw new Error('not this time')
      })
      await expect(rolledBack).rejects.toThrow('not this time')
      expect(await pairs(db)).toEqual(changed.slice(0, 2))
      expect(await single(db, 'MATCH (a:Person) RETURN count(*)')).toBe(3)
      await db.transaction(change)
      expect(await pairs(db)).toEqual(changed)
    })
  })
})

it('readers that come and go without a pause see whole commits, and hold nobody up', async () => {
  await withPeople(async (db) => {
    const commits = 40
    let isOver = false
    const reader = async (): Promise<number> => {
      let seen = 0
      for (; !isOver; seen++) {
        const counted = db.query('MATCH (a:Person) RETURN count(*) AS people, sum(a.age) AS ages')
        const [row] = await counted.toArray()
        // Each commit adds two people whose ages are 1 and −1.
        expect([(row!.people as number) % 2, row!.ages]).toEqual([1, 96])
      }
      return seen
    }
    const readers = [reader(), reader()]
    for (let commit = 0; commit < commits; commit++) {
      await db.run('CREATE (:Person {name: $one, age: 1}), (:Person {name: $other, age: -1})', {
        one: `+${commit}`,
        other: `-${commit}`,
      })
    }
    isOver = true
    expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(0)
    expect(await single(db, 'MATCH (a:Person) RETURN count(*)')).toBe(3 + 2 * commits)
  })
})
