/**
 * Statements that write, and transactions, over files: what is committed, what is seen, who waits for whom.
 */
import { join } from 'node:path'
import { Database, type Transaction } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

async function withAccounts<T>(action: (db: Database) => Promise<T>): Promise<T> {
  return await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE Account(id INT64, balance INT64, name STRING, PRIMARY KEY(id))')
    await db.run('CREATE REL TABLE Paid(FROM Account TO Account, amount INT64)')
    await db.run('UNWIND $rows AS row CREATE (:Account {id: row.id, balance: row.balance, name: row.name})', {
      rows: [
        { id: 1, balance: 100, name: 'Ada' },
        { id: 2, balance: 50, name: 'Ben' },
        { id: 3, balance: 0, name: 'Cem' },
      ],
    })
    return await action(db)
  })
}

const pay =
  'MATCH (a:Account {id: $from}), (b:Account {id: $to}) SET a.balance = a.balance - $amount, b.balance = b.balance + $amount CREATE (a)-[:Paid {amount: $amount}]->(b)'

async function balances(db: Database | Transaction): Promise<unknown[]> {
  const rows = await db.query('MATCH (a:Account) RETURN a.balance ORDER BY a.id').toArray()
  return rows.map((row) => row['a.balance'])
}

const codeOf = async (action: () => unknown): Promise<unknown> => {
  try {
    await action()
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
  return 'nothing was thrown'
}

describe('statements by themselves', () => {
  it('commit, are seen at once, and are there when the file is opened again', async () => {
    await withAccounts(async (db) => {
      await db.run(pay, { from: 1, to: 2, amount: 30 })
      expect(await balances(db)).toEqual([70, 80, 0])
      const made = await rowsOf(
        db,
        "CREATE (a:Account {id: 4, balance: 9, name: 'Dee'}) RETURN a.name, id(a) AS offset",
      )
      expect(made).toEqual([{ 'a.name': 'Dee', offset: 3 }])
    })
    await withDatabase(async (db) => {
      expect(await balances(db)).toEqual([70, 80, 0, 9])
      expect(await rowsOf(db, 'MATCH (a)-[p:Paid]->(b) RETURN a.id, p.amount, b.id')).toEqual([
        { 'a.id': 1, 'p.amount': 30, 'b.id': 2 },
      ])
      await db.run('MATCH (a:Account {id: 1}) DETACH DELETE a')
      await db.checkpoint()
      expect(await single(db, 'MATCH (a:Account) RETURN count(*)')).toBe(3)
      expect(await single(db, 'MATCH (a:Account {id: 1}) RETURN a.name')).toBeUndefined()
    })
    await withDatabase(
      async (db) => {
        expect(await balances(db)).toEqual([80, 0, 9])
        expect(await codeOf(() => db.run('MATCH (a:Account) SET a.balance = 0'))).toBe('MILLRACE_READ_ONLY')
      },
      { readOnly: true },
    )
  })

  it('leave nothing behind when they fail', async () => {
    await withAccounts(async (db) => {
      expect(await codeOf(() => db.run('MATCH (a:Account) CREATE (:Account {id: a.id + 2})'))).toBe(
        'MILLRACE_DUPLICATE_KEY',
      )
      expect(await single(db, 'MATCH (a:Account) RETURN count(*)')).toBe(3)
      await db.run('CREATE (:Account {id: 4})')
      expect(await single(db, 'MATCH (a:Account {id: 4}) RETURN id(a)')).toBe(3)
    })
  })

  it('run in the order of the calls, also when they are not awaited', async () => {
    await withAccounts(async (db) => {
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 200 }, () =>
          db.run('MATCH (a:Account {id: 3}) SET a.balance = a.balance + 1'),
        ),
        db.run('CREATE (:Account {id: 1})'),
        db.run('CREATE NODE TABLE Other(id INT64, PRIMARY KEY(id))'),
        db.run('MATCH (a:Account {id: 3}) SET a.balance = a.balance * 2'),
      ])
      expect(outcomes.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1)
      expect(await balances(db)).toEqual([100, 50, 400])
      expect(db.catalog.tables.map(({ name }) => name)).toContain('Other')
    })
  })

  it('a query reads what was committed when it was made, whatever is written meanwhile', async () => {
    await withAccounts(async (db) => {
      await db.run('UNWIND $ids AS id CREATE (:Account {id: id, balance: 1})', {
        ids: Array.from({ length: 6000 }, (_, at) => at + 10),
      })
      for (const checkpoints of [false, true]) {
        const before = await single(db, 'MATCH (a:Account) RETURN sum(a.balance)')
        let sum = 0
        let rows = 0
        for await (const row of db.query('MATCH (a:Account) RETURN a.id, a.balance')) {
          if (rows++ % 2000 === 0) {
            await db.run('MATCH (a:Account) WHERE a.id > 5 SET a.balance = a.balance + 1')
            await db.run('MATCH (a:Account {id: $id}) DELETE a', { id: 6000 - rows })
            if (checkpoints) await db.checkpoint()
          }
          sum += row['a.balance'] as number
        }
        expect(sum).toBe(before)
      }
      expect(await single(db, 'MATCH (a:Account) RETURN count(*)')).toBe(6000)
    })
  })

  it('rows come when everything is committed; leaving them early undoes nothing', async () => {
    await withAccounts(async (db) => {
      for await (const row of db.query('MATCH (a:Account) SET a.balance = 7 RETURN a.balance')) {
        expect(row['a.balance']).toBe(7)
        break
      }
      expect(await balances(db)).toEqual([7, 7, 7])
      // What is closed before it is asked for never runs.
      await db.query('MATCH (a:Account) SET a.balance = 8 RETURN a.balance').close()
      expect(await balances(db)).toEqual([7, 7, 7])
    })
  })

  it('loads go on above what was written', async () => {
    await withAccounts(async (db) => {
      await db.run('MATCH (a:Account {id: 2}) DELETE a')
      await db.copyFrom('Account', writeFile('more.csv', 'id,balance,name\n2,5,Bea\n8,1,\n'))
      await db.run('CREATE (:Account {id: 9, balance: 2})')
      await db.copyFrom('Paid', writeFile('paid.csv', 'from,to,amount\n9,2,1\n2,9,3\n'))
      expect(
        await rowsOf(db, 'MATCH (a)-[p:Paid]->(b) RETURN a.id AS a, p.amount AS p, b.name AS b ORDER BY p'),
      ).toEqual([
        { a: 9, p: 1, b: 'Bea' },
        { a: 2, p: 3, b: null },
      ])
      expect(
        await codeOf(() => db.copyFrom('Account', writeFile('again.csv', 'id,balance,name\n9,5,x\n'))),
      ).toBe('MILLRACE_DUPLICATE_KEY')
      expect(await balances(db)).toEqual([100, 5, 0, 1, 2])
    })
  })
})

describe('transactions', () => {
  it('commit as one when the function returns, and give what it returns', async () => {
    await withAccounts(async (db) => {
      const seen = await db.transaction(async (tx) => {
        await tx.run(pay, { from: 1, to: 2, amount: 10 })
        await tx.run(pay, { from: 2, to: 3, amount: 60 })
        expect(await balances(db)).toEqual([100, 50, 0])
        return await balances(tx)
      })
      expect(seen).toEqual([90, 0, 60])
      expect(await balances(db)).toEqual([90, 0, 60])
    })
  })

  it('are taken back when it throws', async () => {
    await withAccounts(async (db) => {
      const failed = db.transaction(async (tx) => {
        await tx.run(pay, { from: 1, to: 2, amount: 10 })
        throw new Error('enough')
      })
      await expect(failed).rejects.toThrow('enough')
      expect(await balances(db)).toEqual([100, 50, 0])
      expect(await single(db, 'MATCH ()-[p:Paid]->() RETURN count(*)')).toBe(0)
    })
  })

  it('a statement that fails takes back itself alone', async () => {
    await withAccounts(async (db) => {
      await db.transaction(async (tx) => {
        await tx.run('CREATE (:Account {id: 10, balance: 1})')
        expect(await codeOf(() => tx.run('UNWIND [11, 12, 10] AS id CREATE (:Account {id: id})'))).toBe(
          'MILLRACE_DUPLICATE_KEY',
        )
        await tx.run('CREATE (:Account {id: 11, balance: 2})')
      })
      expect(await balances(db)).toEqual([100, 50, 0, 1, 2])
    })
  })

  it('run one after the other; who only reads waits for nobody', async () => {
    await withAccounts(async (db) => {
      let release = (): void => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const order: string[] = []
      const first = db.transaction(async (tx) => {
        await tx.run('MATCH (a:Account {id: 1}) SET a.balance = 1')
        await held
        order.push('first')
      })
      const second = db.transaction(async (tx) => {
        order.push('second')
        expect(await balances(tx)).toEqual([1, 50, 0])
      })
      const third = db
        .run('MATCH (a:Account {id: 1}) SET a.balance = a.balance + 1')
        .then(() => order.push('third'))
      expect(await balances(db)).toEqual([100, 50, 0])
      const readOnly = await db.transaction(async (tx) => await balances(tx), { readOnly: true })
      expect(readOnly).toEqual([100, 50, 0])
      release()
      await Promise.all([first, second, third])
      expect(order).toEqual(['first', 'second', 'third'])
      expect(await balances(db)).toEqual([2, 50, 0])
    })
  })

  it('one that only reads sees one state, and may not write', async () => {
    await withAccounts(async (db) => {
      await db.transaction(
        async (tx) => {
          expect(tx.readOnly).toBe(true)
          expect(await balances(tx)).toEqual([100, 50, 0])
          await db.run('MATCH (a:Account) SET a.balance = 5')
          await db.checkpoint()
          expect(await balances(tx)).toEqual([100, 50, 0])
          for (const text of [
            'MATCH (a:Account) SET a.balance = 5',
            'DROP TABLE Paid',
            "COPY Account FROM 'x.csv'",
          ]) {
            expect(await codeOf(() => tx.run(text))).toBe('MILLRACE_TRANSACTION')
          }
        },
        { readOnly: true },
      )
      expect(await balances(db)).toEqual([5, 5, 5])
    })
  })

  it.each(['commit', 'roll back'])('tables are made, filled, written and dropped: %s', async (how) => {
    const nodes = writeFile('cities.csv', 'id,name\n1,Ulm\n2,Bonn\n')
    const rels = writeFile('lives.csv', 'from,to\n1,2\n99,1\n')
    await withAccounts(async (db) => {
      const whole = db.transaction(async (tx) => {
        await tx.run('MATCH (a:Account {id: 1}) SET a.name = $name', { name: 'Eve' })
        await tx.run('CREATE NODE TABLE City(id INT64, name STRING, PRIMARY KEY(id))')
        await tx.run('CREATE REL TABLE Lives(FROM Account TO City)')
        await tx.run("CREATE (:Account {id: 99, name: 'Zoe'}), (:City {id: 3, name: 'Jena'})")
        expect((await tx.copyFrom('City', nodes)).rowsImported).toBe(2)
        await tx.run(`COPY Lives FROM '${rels}'`)
        await tx.run("MATCH (c:City {id: 1}) SET c.name = 'Neu-Ulm'")
        await tx.run("MATCH (a:Account {id: 2}), (c:City {name: 'Jena'}) CREATE (a)-[:Lives]->(c)")
        await tx.run('DROP TABLE Paid')
        const rows = await tx
          .query('MATCH (a)-[:Lives]->(c) RETURN a.name AS a, c.name AS c ORDER BY a')
          .toArray()
        expect(rows.map((row) => ({ ...row }))).toEqual([
          { a: 'Ben', c: 'Jena' },
          { a: 'Eve', c: 'Bonn' },
          { a: 'Zoe', c: 'Neu-Ulm' },
        ])
        expect(db.catalog.tables.map(({ name }) => name)).toEqual(['Account', 'Paid'])
        expect(await rowsOf(db, 'MATCH (a:Account {id: 1}) RETURN a.name AS n')).toEqual([{ n: 'Ada' }])
        if (how === 'roll back') throw new Error('no')
      })
      if (how === 'commit') await whole
      else await expect(whole).rejects.toThrow('no')
    })
    await withDatabase(async (db) => {
      const tables = db.catalog.tables.map(({ name }) => name)
      if (how === 'commit') {
        expect(tables).toEqual(['Account', 'City', 'Lives'])
        expect(
          await rowsOf(db, 'MATCH (a)-[:Lives]->(c) RETURN a.name AS a, c.name AS c ORDER BY a'),
        ).toEqual([
          { a: 'Ben', c: 'Jena' },
          { a: 'Eve', c: 'Bonn' },
          { a: 'Zoe', c: 'Neu-Ulm' },
        ])
      } else {
        expect(tables).toEqual(['Account', 'Paid'])
        expect(await single(db, 'MATCH (a:Account {id: 1}) RETURN a.name')).toBe('Ada')
        expect(await balances(db)).toEqual([100, 50, 0])
      }
    })
  })

  it('a load that fails leaves the transaction as it was before', async () => {
    await withAccounts(async (db) => {
      const bad = writeFile('bad.csv', 'id,balance,name\n10,5,x\n1,6,y\n')
      await db.transaction(async (tx) => {
        await tx.run('CREATE (:Account {id: 9, balance: 9})')
        expect(await codeOf(() => tx.copyFrom('Account', bad))).toBe('MILLRACE_DUPLICATE_KEY')
        expect(await codeOf(() => tx.run('CREATE NODE TABLE Account(id INT64, PRIMARY KEY(id))'))).toBe(
          'MILLRACE_TABLE_EXISTS',
        )
        await tx.run('MATCH (a:Account {id: 9}) SET a.balance = 10')
      })
      expect(await balances(db)).toEqual([100, 50, 0, 10])
    })
  })

  it('a load that commits on the way is refused, and the transaction goes on', async () => {
    const more = writeFile('more.csv', 'id,balance,name\n9,5,x\n')
    await withAccounts(async (db) => {
      await db.transaction(async (tx) => {
        for (const options of [{ onFailure: 'keep' }, { resume: true }] as const) {
          expect(await codeOf(() => tx.copyFrom('Account', more, options))).toBe('MILLRACE_TRANSACTION')
        }
        expect(await codeOf(() => tx.run(`COPY Account FROM '${more}' (RESUME=true)`))).toBe(
          'MILLRACE_TRANSACTION',
        )
        await tx.copyFrom('Account', more)
      })
      expect(await balances(db)).toEqual([100, 50, 0, 5])
    })
  })

  it.each(['commit', 'roll back'])(
    'a load leaves out keys that are there, deleted ones not: %s',
    async (how) => {
      const keys = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 2000)
      const nodes = writeFile('n.csv', `id,name\n${keys.map((id, i) => `${id},${i}`).join('\n')}\n`)
      const everything = 'MATCH (n:N) RETURN n.id AS id, n.name AS name ORDER BY id'
      await withDatabase(async (db) => {
        await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
        await db.run("UNWIND $ids AS id CREATE (:N {id: id, name: 'old'})", { ids: [700, 3, 0, 5000] })
        await db.checkpoint()
        const before = await rowsOf(db, everything)
        const whole = db.transaction(async (tx) => {
          await tx.run('MATCH (n:N {id: 0}) DELETE n')
          await tx.run('MATCH (n:N {id: 700}) DELETE n')
          const result = await tx.copyFrom('N', nodes, { ignoreErrors: true, blockSize: 4000 })
          expect([result.rowsImported, result.rowsSkipped]).toEqual([1999, 1001])
          await tx.run("CREATE (:N {id: 6000, name: 'new'})")
          if (how === 'roll back') throw new Error('no')
        })
        const expected = new Map<number, string>([
          [3, 'old'],
          [5000, 'old'],
          [6000, 'new'],
        ])
        for (const [row, id] of keys.entries()) if (!expected.has(id)) expected.set(id, `${row}`)
        if (how === 'commit') await whole
        else await expect(whole).rejects.toThrow('no')
        const rows = [...expected].sort(([a], [b]) => a - b).map(([id, name]) => ({ id, name }))
        expect(await rowsOf(db, everything)).toEqual(how === 'commit' ? rows : before)
        await db.run("CREATE (:N {id: 6001, name: 'later'})")
        await db.checkpoint()
        expect(await rowsOf(db, everything)).toHaveLength((how === 'commit' ? rows : before).length + 1)
      })
    },
  )

  it('what would wait for itself is refused', async () => {
    await withAccounts(async (db) => {
      await db.transaction(async (tx) => {
        for (const inside of [
          () => db.run('MATCH (a:Account) SET a.balance = 0'),
          () => db.query('CREATE (a:Account {id: 5}) RETURN a').toArray(),
          () => db.run('DROP TABLE Paid'),
          () => db.checkpoint(),
          () => db.copyFrom('Account', 'x.csv'),
          () => db.transaction(async () => {}),
          () => db.run('BEGIN TRANSACTION'),
          () => tx.run('BEGIN TRANSACTION'),
          () => tx.run('COMMIT'),
          () => tx.run('ROLLBACK'),
          () => tx.run('CHECKPOINT'),
        ]) {
          expect(await codeOf(inside), String(inside)).toBe('MILLRACE_TRANSACTION')
        }
      })
      await db.run('MATCH (a:Account) SET a.balance = 1')
      expect(await balances(db)).toEqual([1, 1, 1])
    })
  })

  it('ends with its function: neither statements nor rows outlive it', async () => {
    await withAccounts(async (db) => {
      const [tx, result] = await db.transaction(
        async (tx) => [tx, tx.query('MATCH (a:Account) RETURN a')] as const,
      )
      expect(await codeOf(() => tx.run('MATCH (a:Account) SET a.balance = 0'))).toBe('MILLRACE_TRANSACTION')
      expect(await codeOf(() => tx.query('RETURN 1').toArray())).toBe('MILLRACE_TRANSACTION')
      expect(await codeOf(() => result.toArray())).toBe('MILLRACE_TRANSACTION')
      expect(await balances(db)).toEqual([100, 50, 0])
    })
  })

  it('closing the database takes back an open one, and refuses those that wait', async () => {
    const path = join(testFolder(), 'closing.mill')
    const db = await Database.open(path, { threads: 1, memoryBudget: 96 << 20 })
    await db.run('CREATE NODE TABLE N(id INT64, PRIMARY KEY(id))')
    let opened = (): void => {}
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve
    })
    const open = db.transaction(async (tx) => {
      await tx.run('CREATE (:N {id: 1})')
      await tx.run('CREATE NODE TABLE M(id INT64, PRIMARY KEY(id))')
      opened()
      await new Promise(() => {})
    })
    const waiting = db.run('CREATE (:N {id: 2})')
    await isOpen
    const outcomes = Promise.all([codeOf(() => open), codeOf(() => waiting)])
    await db.close()
    expect(await outcomes).toEqual(['MILLRACE_CLOSED', 'MILLRACE_CLOSED'])
    const again = await Database.open(path, { readOnly: true })
    expect(again.catalog.tables.map(({ name }) => name)).toEqual(['N'])
    expect(await single(again, 'MATCH (n:N) RETURN count(*)')).toBe(0)
    await again.close()
  })
})

describe('BEGIN, COMMIT and ROLLBACK as statements', () => {
  it('make one transaction of the statements between them', async () => {
    await withAccounts(async (db) => {
      await db.run('BEGIN TRANSACTION')
      await db.run(pay, { from: 1, to: 3, amount: 1 })
      await db.copyFrom('Account', writeFile('more.csv', 'id,balance,name\n7,7,\n'))
      expect(await balances(db)).toEqual([99, 50, 1, 7])
      expect(await db.query('ROLLBACK').toArray()).toEqual([])
      expect(await balances(db)).toEqual([100, 50, 0])
      await db.query('BEGIN TRANSACTION').toArray()
      await db.run(pay, { from: 1, to: 3, amount: 2 })
      expect(await rowsOf(db, 'CREATE (a:Account {id: 8, balance: 8}) RETURN a.balance AS b')).toEqual([
        { b: 8 },
      ])
      await db.run('COMMIT')
      expect(await balances(db)).toEqual([98, 50, 2, 8])
    })
  })

  it('READ ONLY keeps one state, and lets others write', async () => {
    await withAccounts(async (db) => {
      await db.run('BEGIN TRANSACTION READ ONLY')
      expect(await codeOf(() => db.run('MATCH (a:Account) SET a.balance = 0'))).toBe('MILLRACE_TRANSACTION')
      expect(await balances(db)).toEqual([100, 50, 0])
      await db.run('COMMIT')
    })
  })

  it('stand where they have a meaning only', async () => {
    await withAccounts(async (db) => {
      expect(await codeOf(() => db.run('COMMIT'))).toBe('MILLRACE_TRANSACTION')
      expect(await codeOf(() => db.run('ROLLBACK'))).toBe('MILLRACE_TRANSACTION')
      await db.run('BEGIN TRANSACTION')
      expect(await codeOf(() => db.run('BEGIN TRANSACTION'))).toBe('MILLRACE_TRANSACTION')
      expect(await codeOf(() => db.transaction(async () => {}))).toBe('MILLRACE_TRANSACTION')
      expect(await codeOf(() => db.checkpoint())).toBe('MILLRACE_TRANSACTION')
      await db.run('MATCH (a:Account) SET a.balance = 3')
      // Closing takes back what was not committed.
    })
    await withDatabase(async (db) => expect(await balances(db)).toEqual([100, 50, 0]))
  })

  it('wait for their turn', async () => {
    await withAccounts(async (db) => {
      const earlier = db.transaction(async (tx) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        await tx.run('MATCH (a:Account {id: 1}) SET a.balance = 1')
      })
      await db.run('BEGIN TRANSACTION')
      expect(await balances(db)).toEqual([1, 50, 0])
      await db.run('COMMIT')
      await earlier
    })
  })
})
