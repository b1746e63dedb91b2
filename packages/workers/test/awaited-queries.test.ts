/**
 * `await db.query(…)`, as drivers of other databases have it, over files: what runs, when, how often, what is
 * thrown where, and what becomes of results that nobody cares for.
 */
import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Where the system lists the open files of a process, if it does. */
const openFilesOf = '/proc/self/fd'

async function collectedWhen(done: () => boolean): Promise<void> {
  for (let times = 0; times < 100 && !done(); times++) {
    collect()
    await turn()
  }
}

async function withPeople<T>(action: (db: Database) => Promise<T>): Promise<T> {
  return await withDatabase(async (db) => {
    await db.query('CREATE NODE TABLE Person(id INT64, name STRING, PRIMARY KEY(id))')
    return await action(db)
  })
}

const people = async (db: Database): Promise<unknown> => await single(db, 'MATCH (p:Person) RETURN count(*)')

/** Warnings of the process that statements did not run, while `action` runs. */
async function warningsDuring(action: () => Promise<unknown>): Promise<string[]> {
  const heard: string[] = []
  const hear = (warning: Error & { code?: unknown }): void => {
    if (warning.code === 'MILLRACE_NOT_RUN') heard.push(warning.message)
  }
  process.on('warning', hear)
  try {
    await action()
    await turn()
  } finally {
    process.off('warning', hear)
  }
  return heard
}

describe('awaiting a statement', () => {
  it('runs it to its end, once: tables, writes, loads, checkpoints, transactions', async () => {
    await withPeople(async (db) => {
      const made = await db.query("CREATE (p:Person {id: 1, name: 'Ada'}) RETURN p.name")
      expect(await people(db)).toBe(1)
      expect(await made.toArray()).toEqual([{ __proto__: null, 'p.name': 'Ada' }])
      const loading = db.query(`COPY Person FROM '${writeFile('people.csv', 'id,name\n2,Ben\n3,Cem\n')}'`)
      const loaded = await loading
      expect(await people(db)).toBe(3)
      expect(await loading).toBe(loaded)
      expect(await loaded.toArray()).toMatchObject([{ table: 'Person', rowsImported: 2 }])
      await db.query('CHECKPOINT')
      await db.query('BEGIN TRANSACTION')
      await db.query('MATCH (p:Person) DELETE p')
      expect(await people(db)).toBe(0)
      await db.query('ROLLBACK')
      expect(await people(db)).toBe(3)
    })
  })

  it('sees what was committed when the query was made, and is not run again for rows', async () => {
    await withPeople(async (db) => {
      await db.query("CREATE (:Person {id: 1, name: 'Ada'})")
      const query = db.query('MATCH (p:Person) RETURN p.name')
      await db.query("CREATE (:Person {id: 2, name: 'Ben'})")
      const result = await query
      await db.query('MATCH (p:Person) DELETE p')
      expect(await result.toArray()).toEqual([{ __proto__: null, 'p.name': 'Ada' }])
    })
  })

  it('within a transaction belongs to it, also when it is what the function returns', async () => {
    await withPeople(async (db) => {
      const result = await db.transaction(async (tx) => {
        await tx.query('CREATE (:Person {id: 1})')
        return tx.query('CREATE (p:Person {id: 2}) RETURN p.id')
      })
      expect(result.columns.map(({ name }) => name)).toEqual(['p.id'])
      expect(await people(db)).toBe(2)
      await expect(
        db.transaction(async (tx) => {
          await tx.query('CREATE (:Person {id: 3})')
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      expect(await people(db)).toBe(2)
    })
  })

  it('that would wait for itself is an error, as it is for run', async () => {
    await withPeople(async (db) => {
      for (const statement of ['CREATE (:Person {id: 3})', 'DROP TABLE Person', 'CHECKPOINT']) {
        const within = db.transaction(async () => void (await db.query(statement)))
        await expect(within, statement).rejects.toMatchObject({ code: 'MILLRACE_TRANSACTION' })
      }
    })
  })

  it('throws what is wrong with it: text and names at once, all else at the await', async () => {
    await withPeople(async (db) => {
      expect(() => db.query('CREATE NOD TABLE T(a INT64)')).toThrow(
        expect.objectContaining({ code: 'MILLRACE_SYNTAX' }),
      )
      expect(() => db.query('MATCH (q:Pearson) RETURN q')).toThrow(
        expect.objectContaining({ code: 'MILLRACE_BINDING' }),
      )
      await db.query('CREATE (:Person {id: 1})')
      for (const [code, statement] of [
        ['MILLRACE_DUPLICATE_KEY', 'CREATE (:Person {id: 1})'],
        ['MILLRACE_TABLE_EXISTS', 'CREATE NODE TABLE Person(id INT64, PRIMARY KEY(id))'],
        ['MILLRACE_PARAMETER', 'MATCH (p:Person) WHERE p.id = $id RETURN p'],
        ['MILLRACE_IMPORT_SOURCE', "COPY Person FROM 'none.csv'"],
        ['MILLRACE_EVALUATION', "MATCH (p:Person) RETURN CAST('x' AS INT64)"],
      ] as const) {
        await expect(db.query(statement), statement).rejects.toMatchObject({ code })
      }
      expect(await people(db)).toBe(1)
    })
  })

  it('is stopped by a signal, whatever it is', async () => {
    await withPeople(async (db) => {
      const file = writeFile(
        'people.csv',
        `id\n${Array.from({ length: 100_000 }, (_, id) => `${id}\n`).join('')}`,
      )
      const signal = AbortSignal.abort(new Error('enough'))
      for (const statement of [
        `COPY Person FROM '${file}'`,
        'CREATE (:Person {id: 1})',
        'MATCH (p:Person) RETURN p',
      ]) {
        await expect(db.query(statement, {}, { signal }), statement).rejects.toThrow('enough')
        await db.transaction(async (tx) => {
          await expect(tx.query(statement, {}, { signal }), statement).rejects.toThrow('enough')
        })
      }
      expect(await people(db)).toBe(0)
    })
  })

  it('of a closed database, or of rows when it was closed meanwhile, is refused', async () => {
    await withPeople(async (db) => {
      await db.query('CREATE (:Person {id: 1})')
      const result = await db.query('MATCH (p:Person) RETURN p.id')
      const waiting = db.query('MATCH (p:Person) RETURN p.id')
      await db.close()
      await expect(result.toArray()).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
      await expect(waiting).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
    })
  })
})

describe('results that nobody cares for', () => {
  it.runIf(existsSync(openFilesOf))('hold neither pages nor files once they are collected', async () => {
    await withPeople(async (db) => {
      const rows = Array.from({ length: 200_000 }, (_, id) => `${id},${id}-${'x'.repeat(id % 50)}\n`)
      const file = writeFile('people.csv', `id,name\n${rows.join('')}`)
      await db.query(`COPY Person FROM '${file}'`)
      const bytes = statSync(db.path).size
      // Begun and not read to its end, and never begun.
      await (async () => void (await db.query('MATCH (p:Person) RETURN p.id')))()
      ;(() => void db.query('MATCH (p:Person) RETURN p.name'))()
      await (async () => void (await db.query(`LOAD FROM '${file}' RETURN *`)))()
      const openFiles = (): number =>
        readdirSync(openFilesOf).filter((fd) => {
          try {
            return readlinkSync(join(openFilesOf, fd)).startsWith(testFolder())
          } catch {
            // It was the one that lists them.
            return false
          }
        }).length
      const before = openFiles()
      await collectedWhen(() => openFiles() < before)
      expect(openFiles()).toBe(before - 1)
      await turn()
      // Their pages are free for what comes next.
      await db.run('DROP TABLE Person')
      await db.checkpoint()
      await db.run('CREATE NODE TABLE Person(id INT64, name STRING, PRIMARY KEY(id))')
      await db.copyFrom('Person', file)
      expect(statSync(db.path).size).toBeLessThan(bytes * 1.2)
    })
  })

  it('a statement that was given to query and left alone is warned of, once, and did not run', async () => {
    const heard = await warningsDuring(async () => {
      await withPeople(async (db) => {
        const kept = [
          db.query('CREATE NODE TABLE\n  City(name STRING, PRIMARY KEY(name))'),
          db.query('CREATE (:Person {id: 1})'),
          db.query('MATCH (p:Person) RETURN p'),
          db.query('CREATE (p:Person {id: 2}) RETURN p'),
        ]
        await kept[3]?.close()
        ;(() => void db.query('MATCH (p:Person) DETACH DELETE p'))()
        const collected = await warningsDuring(async () => {
          for (let times = 0; times < 5; times++) {
            collect()
            await turn()
          }
        })
        expect(collected).toEqual([expect.stringContaining('MATCH (p:Person) DETACH DELETE p')])
        expect(await rowsOf(db, 'MATCH (p) RETURN p')).toEqual([])
        expect(kept.length).toBe(4)
      })
    })
    expect(heard).toEqual([
      expect.stringContaining('DETACH DELETE'),
      expect.stringContaining('CREATE NODE TABLE City(name'),
      expect.stringContaining('CREATE (:Person {id: 1})'),
    ])
  })
})
