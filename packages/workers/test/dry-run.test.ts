/** Dry runs: all that a load would find, and a database as it was. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

const people = (from: number, count: number) =>
  `id,name\n${Array.from({ length: count }, (_, i) => `${from + i},p${from + i}\n`).join('')}`

function digest(): string {
  return createHash('sha256')
    .update(readFileSync(join(testFolder(), 'test.mill')))
    .digest('hex')
}

async function makeDatabase(): Promise<void> {
  await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE Person(id INT64, name STRING, PRIMARY KEY(id))')
    await db.run('CREATE REL TABLE Knows(FROM Person TO Person, since INT64)')
    await db.copyFrom('Person', writeFile('first.csv', people(0, 5000)))
  })
}

describe('a dry run', () => {
  it('says what would be loaded, of nodes and relationships, and changes no byte of the file', async () => {
    await makeDatabase()
    const before = digest()
    await withDatabase(async (db) => {
      const nodes = await db.copyFrom('Person', writeFile('more.csv', people(5000, 20_000)), { dryRun: true })
      expect(nodes).toMatchObject({ dryRun: true, rowsImported: 20_000, errorCount: 0 })
      const rels = writeFile('rels.csv', `from,to,since\n${'1,2,3\n4999,0,1\n'.repeat(5000)}`)
      expect(await db.copyFrom('Knows', rels, { dryRun: true })).toMatchObject({ rowsImported: 10_000 })
      await db.run(`COPY Knows FROM '${rels}' (DRY_RUN=true)`)
      expect(await single(db, 'MATCH (p:Person) RETURN count(*)')).toBe(5000)
      expect(await single(db, 'MATCH ()-[k:Knows]->() RETURN count(*)')).toBe(0)
    })
    expect(digest()).toBe(before)
  })

  it('finds what a load would find: keys that are there, nodes that are not, values of other types', async () => {
    await makeDatabase()
    await withDatabase(async (db) => {
      const again = writeFile('again.csv', people(4999, 10))
      await expect(db.copyFrom('Person', again, { dryRun: true })).rejects.toMatchObject({
        code: 'MILLRACE_DUPLICATE_KEY',
      })
      expect(await db.copyFrom('Person', again, { dryRun: true, ignoreErrors: true })).toMatchObject({
        rowsImported: 9,
        errorKinds: { duplicateKey: 1 },
      })
      const rels = writeFile('rels.csv', 'from,to,since\n1,2,3\n1,99999,3\n1,2,x\n')
      const rejects = join(testFolder(), 'rejects.csv')
      const result = await db.copyFrom('Knows', rels, { dryRun: true, ignoreErrors: true, rejects })
      expect(result).toMatchObject({ rowsImported: 1, errorKinds: { missingNode: 1, type: 1 } })
      expect(readFileSync(rejects, 'utf8').split('\n')).toHaveLength(4)
      expect(await single(db, 'MATCH (p:Person) RETURN count(*)')).toBe(5000)
      // The table is as good as before.
      expect(await db.copyFrom('Person', again, { ignoreErrors: true })).toMatchObject({
        dryRun: false,
        rowsImported: 9,
      })
      expect(await rowsOf(db, 'MATCH (p:Person {id: 5008}) RETURN p.name AS name')).toEqual([
        { name: 'p5008' },
      ])
    })
  })

  it('within a transaction sees its rows, and leaves them alone', async () => {
    await makeDatabase()
    await withDatabase(async (db) => {
      const more = writeFile('more.csv', people(5000, 10))
      await db
        .transaction(async (tx) => {
          await tx.run('CREATE (:Person {id: 5003, name: "here"})')
          await expect(tx.copyFrom('Person', more, { dryRun: true })).rejects.toMatchObject({
            code: 'MILLRACE_DUPLICATE_KEY',
          })
          throw new Error('enough')
        })
        .catch(() => undefined)
      expect(await db.copyFrom('Person', more, { dryRun: true })).toMatchObject({ rowsImported: 10 })
    })
  })

  it.each([{ onFailure: 'keep' }, { resume: true }, { resume: false }] as const)(
    'is refused together with %o',
    async (options) => {
      await makeDatabase()
      await withDatabase(async (db) => {
        const failed = db.copyFrom('Person', writeFile('more.csv', people(5000, 1)), {
          dryRun: true,
          ...options,
        })
        await expect(failed).rejects.toMatchObject({ code: 'MILLRACE_ARGUMENT' })
      })
    },
  )
})
