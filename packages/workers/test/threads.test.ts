/**
 * Threads that die, disks that fail and disks that are slow, beneath a real load in a process of its own.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { testFolder, withDatabase, writeFile } from './support.js'

const fixture = (name: string) => fileURLToPath(new URL(`./fixture/${name}`, import.meta.url))
const nodeRows = 10_000
const relRows = 2 * nodeRows

interface Wish {
  readonly thread: 'parse' | 'writer'
  readonly call: string
  readonly at?: number
  readonly how: string
  readonly ms?: number
  /** Only calls count for a file whose path ends so. */
  readonly of?: string
  /** Abort the load as soon as it has happened. */
  readonly abort?: boolean
}

interface Outcome {
  readonly wish: Wish
  readonly happened: boolean
  readonly opening: { readonly code?: string; readonly message?: string }
  readonly load: {
    readonly code?: string
    readonly message?: string
    /** The load has ended only because a call that was held went on by itself. */
    readonly waitedInVain?: boolean
    readonly closing?: string
  }
  readonly rows: number
  readonly beside: readonly string[]
  readonly again: { readonly value?: number; readonly code?: string }
  readonly rowsThen: number
  readonly left: readonly string[]
  readonly bytes: number
}

const keyOf = (row: number) => `key ${(row * 7919) % nodeRows}`

/**
 * Has a child load with each of `wishes` in turn: nodes whose keys need an index, or relationships between
 * them.
 */
async function loadsWith(
  table: 'N' | 'R',
  wishes: readonly Wish[],
  nameOf: (row: number) => string = (row) => `name ${row}`,
): Promise<Outcome[]> {
  const nodes = Array.from({ length: nodeRows }, (_, row) => `${keyOf(row)},${nameOf(row)}\n`)
  const nodeFile = writeFile('n.csv', `id,name\n${nodes.join('')}`)
  const rels = Array.from({ length: relRows }, (_, row) => `${keyOf(row)},${keyOf(row * 31)}\n`)
  const relFile = writeFile('r.csv', `from,to\n${rels.join('')}`)
  await withDatabase(
    async (db) => {
      await db.run('CREATE NODE TABLE N(id STRING, name STRING, PRIMARY KEY(id))')
      await db.run('CREATE REL TABLE R(FROM N TO N)')
      if (table === 'R') await db.copyFrom('N', nodeFile)
    },
    { name: 'template.mill' },
  )
  const folder = testFolder()
  const task = {
    folder,
    template: join(folder, 'template.mill'),
    table,
    file: table === 'R' ? relFile : nodeFile,
    // Blocks for both threads.
    options: { blockSize: 1 << 16 },
    wishes,
  }
  // A heap that is soon full; threads have the limits of their process.
  const flags = ['--max-old-space-size=64', '--require', fixture('faulty-thread.cjs')]
  const run = promisify(execFile)(process.execPath, [
    ...flags,
    fixture('fault-child.mjs'),
    JSON.stringify(task),
  ])
  const { stdout } = await run
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome)
}

/** What must hold whatever happened: nothing left behind, and the next load loads everything. */
function expectWhole(outcome: Outcome, rows: number): void {
  const what = JSON.stringify(outcome)
  expect(outcome.happened, what).toBe(true)
  expect([0, rows], what).toContain(outcome.rows)
  if (outcome.load.closing === undefined) expect(outcome.beside, what).toEqual([])
  if (outcome.rows === 0) expect(outcome.again.value, what).toBe(rows)
  expect(outcome.rowsThen, what).toBe(rows)
  expect(outcome.left, what).toEqual([])
}

const deaths = ['exit', 'memory', 'throw'] as const

describe('a parse worker that dies', () => {
  it.each([
    ['N', nodeRows],
    ['R', relRows],
  ] as const)('ends the load of %s cleanly, and the next one has workers again', async (table, rows) => {
    const wishes: Wish[] = deaths.flatMap((how) => [
      { thread: 'parse', call: 'load', how },
      { thread: 'parse', call: 'readSync', at: table === 'N' ? 1 : 2, how },
    ])
    const outcomes = await loadsWith(table, wishes)
    expect(outcomes).toHaveLength(wishes.length)
    for (const outcome of outcomes) {
      expectWhole(outcome, rows)
      // What is thrown where nothing catches it ends a thread only when its task is done.
      const ended = outcome.load.code === 'MILLRACE_WORKER_FAILED'
      expect(ended || (outcome.wish.how === 'throw' && outcome.rows === rows), JSON.stringify(outcome)).toBe(
        true,
      )
    }
  })
})

describe('a writer thread that dies', () => {
  it('ends the load at once; the database says that it is to be opened again, and is whole then', async () => {
    const wishes: Wish[] = deaths.flatMap((how) => [
      { thread: 'writer', call: 'writeSync', at: 3, how },
      { thread: 'writer', call: 'fdatasyncSync', at: 3, how },
    ])
    for (const outcome of await loadsWith('N', wishes)) {
      expectWhole(outcome, nodeRows)
      expect(outcome.load).toMatchObject({ code: 'MILLRACE_WRITER_DIED', closing: 'MILLRACE_WRITER_DIED' })
      expect(outcome.load.message).toContain('Open the database again')
    }
  })

  it('while it opens leaves no lock behind', async () => {
    const [outcome] = await loadsWith('N', [{ thread: 'writer', call: 'fdatasyncSync', at: 1, how: 'exit' }])
    expect(outcome!.opening.code).toBe('MILLRACE_WRITER_DIED')
    expectWhole(outcome!, nodeRows)
  })
})

describe('a file operation that fails beneath a load', () => {
  const ofCalls = (call: string, how: string, count: number): Wish[] =>
    Array.from({ length: count }, (_, index) => ({ thread: 'writer', call, at: index + 1, how }))

  it('is a typed error; nothing is changed, no space is lost, and the next load succeeds', async () => {
    // The lock is written with the first.
    const wishes = [...ofCalls('writeSync', 'EIO', 5), ...ofCalls('writeSync', 'ENOSPC', 5)]
    const outcomes = await loadsWith('N', wishes)
    const sizes = outcomes.map(({ bytes }) => bytes)
    for (const outcome of outcomes) {
      if (!outcome.happened) continue
      expectWhole(outcome, nodeRows)
      const expected = outcome.wish.how === 'EIO' ? 'MILLRACE_IO' : 'MILLRACE_DISK_FULL'
      expect(outcome.load.code ?? outcome.opening.code, JSON.stringify(outcome)).toBe(expected)
      expect(outcome.load.message ?? outcome.opening.message).toContain('fault.mill')
    }
    expect(outcomes.filter(({ happened }) => happened).length).toBeGreaterThan(6)
    expect(Math.max(...sizes)).toBe(Math.min(...sizes))
  })

  it('is in doubt when it is a sync, and decided by the next open', async () => {
    const outcomes = await loadsWith('N', ofCalls('fdatasyncSync', 'EIO', 5))
    const inDoubt = outcomes.filter(({ load }) => load.code === 'MILLRACE_IN_DOUBT')
    expect(inDoubt.length).toBeGreaterThan(2)
    for (const outcome of outcomes) if (outcome.happened) expectWhole(outcome, nodeRows)
  })

  it.runIf(process.platform === 'linux')(
    'is in doubt, too, when the sync was started early and only that one is told',
    async () => {
      // More than is written before a sync is started.
      const wide = () => randomBytes(1250).toString('hex')
      const wish: Wish = { thread: 'writer', call: 'fdatasync', at: 1, how: 'EIO' }
      const outcomes = await loadsWith('N', [wish, { ...wish, ms: 900 }], wide)
      for (const outcome of outcomes) {
        expectWhole(outcome, nodeRows)
        expect(outcome.rows).toBe(0)
        expect(outcome.load.code, JSON.stringify(outcome)).toBe('MILLRACE_IN_DOUBT')
      }
    },
  )

  it.skipIf(process.platform !== 'linux')('in a parse worker, too, and names the file', async () => {
    const wishes: Wish[] = [
      { thread: 'parse', call: 'openSync', of: 'fault.mill', at: 1, how: 'EIO' },
      { thread: 'parse', call: 'readSync', of: 'r.csv', at: 2, how: 'EIO' },
    ]
    const [database, input] = await loadsWith('R', wishes)
    expectWhole(database!, relRows)
    expect(database!.load.code).toBe('MILLRACE_IO')
    expect(database!.load.message).toContain('fault.mill')
    expectWhole(input!, relRows)
    expect(input!.load.code).toBe('MILLRACE_IMPORT_SOURCE')
    expect(input!.load.message).toContain('r.csv')
  })
})

describe('a slow disk', () => {
  it('does not keep an aborted load waiting: it cannot be committed any more, which is all there is to know', async () => {
    // The data is synced with the first after opening; what follows is the log, when the load has committed.
    const wishes: Wish[] = [
      { thread: 'writer', call: 'fdatasyncSync', at: 2, how: 'hold', abort: true },
      { thread: 'writer', call: 'fdatasyncSync', at: 4, how: 'sleep', ms: 500, abort: true },
    ]
    const [data, log] = await loadsWith('N', wishes)
    expectWhole(data!, nodeRows)
    expect(data!.load.code).toBe('STOPPED')
    expect(data!.load.waitedInVain).toBe(false)
    expect(data!.rows).toBe(0)
    expectWhole(log!, nodeRows)
    expect(log!.load.code).toBeUndefined()
    expect(log!.rows).toBe(nodeRows)
  })
})
