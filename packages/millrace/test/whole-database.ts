/**
 * A database with every kind of page and of log record, as bytes, and ways to open such bytes in memory: for
 * tests that damage them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BufferPool,
  type Catalog,
  type CatalogChange,
  decodeCatalog,
  decodeChange,
  decodeSuperblock,
  encodeCatalog,
  encodeDelta,
  encodeSuperblock,
  MemoryBudget,
  type PageRun,
  pageBytes,
  poolBytesMin,
  readLog,
  readLogHeader,
  runPagesOf,
  Snapshot,
  Store,
  type Superblock,
  sealRun,
  stateWith,
  tableRuns,
} from '@millrace/core/internal'
import { execute, PendingQuery, prepare } from '@millrace/core/query'
import { SimulatedFileSystem } from '@millrace/testing'
import { Database } from 'millrace'

/** The two files of a database. */
export interface DatabaseFiles {
  readonly database: Uint8Array
  readonly log: Uint8Array | null
}

export const path = '/simulated/whole.mill'
export const logPath = `${path}-wal`

const statements = [
  'CREATE NODE TABLE Person(id INT64, code STRING, word STRING, story STRING, age INT32, score DOUBLE, price DOUBLE, born DATE, seen TIMESTAMP, active BOOL, constant INT64, absent STRING, PRIMARY KEY(id))',
  'CREATE NODE TABLE Place(code STRING, size INT64, PRIMARY KEY(code))',
  'CREATE REL TABLE Knows(FROM Person TO Person, since DATE, weight DOUBLE, note STRING)',
  'CREATE REL TABLE Lives(FROM Person TO Place)',
]

/** Numbers that look like chance and are the same every time. */
function scattered(row: number): number {
  return Math.imul(row + 1, 0x9e3779b1) >>> 0
}

const day = (row: number) =>
  new Date(Date.UTC(1950, 0, 1 + (scattered(row) % 25_000))).toISOString().slice(0, 10)

/** Persons whose keys ascend (found by search) or are scattered (hashed). */
function persons(first: number, count: number, sorted: boolean): string {
  const lines = ['id,code,word,story,age,score,price,born,seen,active,constant,absent']
  for (let row = first; row < first + count; row++) {
    const id = sorted ? row * 3 : first * 3 + (((row - first) * 7919) % (count * 3 + 1))
    const missing = row % 11 === 0
    lines.push(
      [
        id,
        `c${scattered(row).toString(36)}`,
        ['red', 'green', 'blue', ''][row % 4],
        missing ? '' : `"story ${row}, ${'and so on, '.repeat(row % 9)}the end"`,
        missing ? '' : scattered(row) % 100,
        missing ? '' : scattered(row) / 7,
        (scattered(row) % 100_000) / 100,
        day(row),
        missing ? '' : `${day(row)}T0${row % 10}:00:00Z`,
        missing ? '' : row % 3 === 0,
        7,
        '',
      ].join(','),
    )
  }
  return `${lines.join('\n')}\n`
}

function places(first: number, count: number): string {
  const rows = Array.from({ length: count }, (_, at) => `p${first + at},${scattered(at)}\n`)
  return `code,size\n${rows.join('')}`
}

function relationships(
  count: number,
  from: (row: number) => unknown,
  to: (row: number) => unknown,
  rest: string,
) {
  const rows = Array.from(
    { length: count },
    (_, row) => `${from(row)},${to(row)}${rest === '' ? '' : `,${day(row)},${row / 8},note ${row % 50}`}\n`,
  )
  return `from,to${rest}\n${rows.join('')}`
}

/** Small writes that a checkpoint makes segments of: rows deleted, changed and added. */
const mergedWrites = [
  'MATCH (p:Person) WHERE p.id > 3000 AND p.id < 3600 DETACH DELETE p',
  "MATCH (p:Person) WHERE p.id < 90 SET p.word = 'violet', p.score = null",
  "CREATE (:Person {id: 900001, code: 'made', story: 'small', price: 1.5})",
  "MATCH (a:Person {id: 300}), (b:Person {id: 303}) CREATE (a)-[:Knows {note: 'made', weight: 0.5}]->(b)",
  'MATCH (:Person)-[k:Knows]->(b:Person) WHERE b.id > 6000 AND b.id < 6060 DELETE k',
]

/** Small writes that stay in the log: one of each kind. */
const loggedWrites = [
  "CREATE (:Person {id: 900002, code: 'late', story: 'in the log', active: true, seen: timestamp('2001-02-03 04:05:06')})",
  "MATCH (a:Person {id: 900002}), (b:Person {id: 300}) CREATE (a)-[:Knows {note: 'logged', since: date('2001-02-03')}]->(b)",
  'MATCH (p:Person {id: 900002}) SET p.score = 0.25, p.age = 7, p.active = false REMOVE p.seen',
  "MATCH (:Person {id: 900002})-[k:Knows]->(:Person) SET k.note = 'changed'",
  'MATCH (p:Person) WHERE p.id > 3900 AND p.id < 3930 DETACH DELETE p',
  'MATCH (:Person)-[k:Knows]->(b:Person) WHERE b.id > 6060 AND b.id < 6120 DELETE k',
]

/** What is asked of a damaged database: every column and both directions of every relationship. */
export const questions = [
  'MATCH (p:Person) RETURN count(*), sum(p.id), sum(p.age), min(p.score), max(p.price), sum(p.constant)',
  'MATCH (p:Person) RETURN p ORDER BY p.id',
  'MATCH (p:Place) RETURN p ORDER BY p.code',
  'MATCH (p:Person) WHERE p.id = 300 RETURN p.code',
  "MATCH (p:Place) WHERE p.code = 'p17' RETURN p.size",
  'MATCH (a:Person)-[k:Knows]->(b:Person) RETURN a.id, b.id, k.since, k.weight, k.note ORDER BY a.id, b.id, k.weight',
  'MATCH (b:Person)<-[k:Knows]-(a:Person) WHERE b.id = 300 RETURN a.id, k.note ORDER BY a.id',
  'MATCH (a:Person)-[:Lives]->(c:Place) RETURN c.code, count(*), min(a.id) ORDER BY c.code',
]

/**
 * Makes the database: closed (no log), and as a killed process leaves it, with one record of each kind of
 * change in its log.
 */
export async function makeDatabases(): Promise<{
  readonly closed: DatabaseFiles
  readonly killed: DatabaseFiles
}> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-whole-'))
  const at = join(folder, 'whole.mill')
  const load = async (db: Database, table: string, text: string) => {
    writeFileSync(join(folder, 'a.csv'), text)
    await db.copyFrom(table, join(folder, 'a.csv'), { batchSize: 9000 })
  }
  try {
    const db = await Database.open(at, { threads: 1 })
    try {
      for (const statement of statements) await db.run(statement)
      // More than 16 pages of doubles: a run that has pages of checksums.
      await load(db, 'Person', persons(0, 9500, true))
      await db.run('CREATE NODE TABLE Gone(id INT64, PRIMARY KEY(id))')
      const gone = Array.from({ length: 5000 }, (_, row) => scattered(row))
      await load(db, 'Gone', `id\n${gone.join('\n')}\n`)
      await load(db, 'Person', persons(20_000, 700, false))
      await load(db, 'Place', places(0, 900))
      const person = (row: number) => (scattered(row) % 9500) * 3
      await load(
        db,
        'Knows',
        relationships(4000, person, (row) => person(row + 9), ',since,weight,note'),
      )
      await load(
        db,
        'Knows',
        relationships(50, person, () => 300, ',since,weight,note'),
      )
      await load(
        db,
        'Lives',
        relationships(800, person, (row) => `p${row % 900}`, ''),
      )
      for (const statement of mergedWrites) await db.run(statement)
      await db.checkpoint()
      // Its pages are free now, and reached by nothing.
      await db.run('DROP TABLE Gone')
      await db.checkpoint()
    } finally {
      await db.close()
    }
    const closed = { database: new Uint8Array(readFileSync(at)), log: null }
    const again = await Database.open(at, { threads: 1 })
    try {
      await again.run('CREATE NODE TABLE Late(id INT64, PRIMARY KEY(id))')
      await load(again, 'Late', 'id\n5\n3\n4\n')
      await load(again, 'Person', persons(30_000, 20, false))
      await load(
        again,
        'Lives',
        relationships(
          30,
          (row) => row * 3,
          (row) => `p${row}`,
          '',
        ),
      )
      await again.run('DROP TABLE Late')
      for (const text of [places(2000, 30), 'code,size\n']) {
        writeFileSync(join(folder, 'kept.csv'), text)
        await again.copyFrom('Place', join(folder, 'kept.csv'), { onFailure: 'keep' })
      }
      for (const statement of loggedWrites) await again.run(statement)
      await again.transaction(async (tx) => {
        await tx.run("CREATE (:Place {code: 'in a transaction', size: 1})")
        writeFileSync(join(folder, 'a.csv'), places(3000, 10))
        await tx.copyFrom('Place', join(folder, 'a.csv'))
        await tx.run("MATCH (p:Place {code: 'p3001'}) SET p.size = -1")
      })
      // The transaction has made segments of what was written before it.
      for (const statement of loggedWrites) await again.run(statement.replaceAll('90000', '80000'))
      const log = new Uint8Array(readFileSync(`${at}-wal`))
      return { closed, killed: { database: new Uint8Array(readFileSync(at)), log } }
    } finally {
      await again.close()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The superblock that rules `files`. */
export function superblockOf(files: DatabaseFiles): Superblock {
  const decoded = decodeSuperblock(files.database.slice(0, pageBytes), { file: path, what: 'page 0' })
  if (decoded.kind !== 'valid') throw new Error(`the superblock is ${decoded.kind}`)
  return decoded.superblock
}

export function fileSystemWith(files: DatabaseFiles): SimulatedFileSystem {
  const fileSystem = new SimulatedFileSystem()
  fileSystem.putDurable(path, files.database)
  if (files.log !== null) fileSystem.putDurable(logPath, files.log)
  return fileSystem
}

/** Opens `files` as they are; nothing is written to them. */
export function openFiles(files: DatabaseFiles, readOnly = true): Store {
  const pool = BufferPool.create(8 * poolBytesMin)
  return Store.open(path, { fileSystem: fileSystemWith(files), readOnly, pool })
}

/** The rows of a query, or what it threw: as a text that can be compared. */
export async function answer(snapshot: Snapshot, question: string): Promise<string> {
  const prepared = prepare(question, snapshot.catalog)
  if (prepared.kind !== 'query') throw new Error(`${question} is no query`)
  const result = new PendingQuery(prepared.columns, () => execute(prepared.plan, snapshot, {}), {
    int64: 'bigint',
    signals: [],
    onClose: () => {},
  })
  const rows: unknown[] = []
  for await (const row of result) rows.push({ ...row })
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

export function snapshotOf(store: Store): Snapshot {
  const state = stateWith(store.catalog, encodeDelta(store.delta))
  return new Snapshot(state, store.reader, { budget: new MemoryBudget(1 << 28), cacheBytes: 1 << 22 })
}

/** Every answer to `questions`. */
export async function answers(store: Store, asked: readonly string[] = questions): Promise<string[]> {
  const snapshot = snapshotOf(store)
  try {
    const found: string[] = []
    for (const question of asked) found.push(await answer(snapshot, question))
    return found
  } finally {
    snapshot.close()
  }
}

/** The kinds of changes that the log of `files` holds, and of the parts of those that have several. */
export function changesInLog(files: DatabaseFiles): Set<string> {
  const kinds = new Set<string>()
  const log = fileSystemWith(files).open(logPath, 'read')
  const add = (change: CatalogChange) => {
    kinds.add('progress' in change ? `${change.kind} with progress` : change.kind)
    if (change.kind === 'several') change.changes.forEach(add)
  }
  readLog(log, readLogHeader(log)!, ({ change }) => add(decodeChange(change)))
  return kinds
}

/** All pages of the file with what they are; a kind is a column with its encoding, an index, … */
export function pagesByKind(store: Store, superblock: Superblock): Map<string, number[]> {
  const kinds = new Map<string, number[]>()
  const reached = new Set([0, 1])
  const add = (kind: string, run: PageRun) => {
    const content = Math.ceil(run.contentBytes / pageBytes)
    for (let index = 0; index < runPagesOf(run.contentBytes); index++) {
      const name = index < content ? kind : `checksums of ${kind}`
      kinds.set(name, [...(kinds.get(name) ?? []), run.firstPage + index])
      reached.add(run.firstPage + index)
    }
  }
  kinds.set('superblock', [0, 1])
  add('catalog', superblock.catalog)
  for (const table of store.catalog.tables) {
    for (const { run, place } of tableRuns(table)) {
      const encoding = 'encoding' in run ? ` (${String(run.encoding)})` : ''
      const what = `${place.what} ${place.column ?? ''}`.replace(/\d+/g, 'N')
      add(`${table.kind} table: ${what}${encoding}`, run)
    }
  }
  const free: number[] = []
  for (let page = 0; page < store.file.size() / pageBytes; page++) if (!reached.has(page)) free.push(page)
  kinds.set('free', free)
  return kinds
}

/** `files` with another catalog and all checksums right: what an enemy would make. */
export function withCatalog(
  files: DatabaseFiles,
  superblock: Superblock,
  content: Uint8Array,
): DatabaseFiles {
  const pages = runPagesOf(content.length)
  const firstPage = Math.ceil(files.database.length / pageBytes)
  const region = new Uint8Array(pages * pageBytes)
  region.set(content)
  const checksums = sealRun(region, content.length)
  const catalog = { firstPage, contentBytes: content.length, checksums }
  const page = encodeSuperblock({ ...superblock, pageCount: firstPage + pages, catalog })
  const database = new Uint8Array((firstPage + pages) * pageBytes)
  database.set(files.database)
  database.set(region, firstPage * pageBytes)
  for (const at of [0, 1]) database.set(page, at * pageBytes)
  return { database, log: null }
}

/** The catalog of `files` and the run it lies in. */
export function catalogOf(
  files: DatabaseFiles,
  superblock: Superblock,
): { catalog: Catalog; bytes: Uint8Array } {
  const { firstPage, contentBytes } = superblock.catalog
  const bytes = files.database.slice(firstPage * pageBytes, firstPage * pageBytes + contentBytes)
  return { catalog: decodeCatalog(bytes), bytes }
}

/** `files` with other content in `run`, and the checksums of all above it right. */
export function withContent(
  files: DatabaseFiles,
  superblock: Superblock,
  run: PageRun,
  content: Uint8Array,
): DatabaseFiles {
  const region = new Uint8Array(runPagesOf(content.length) * pageBytes)
  region.set(content)
  const checksums = sealRun(region, content.length)
  const database = files.database.slice()
  database.set(region, run.firstPage * pageBytes)
  const { catalog } = catalogOf(files, superblock)
  for (const table of catalog.tables) {
    for (const { run: found } of tableRuns(table)) {
      if (found.firstPage === run.firstPage) Object.assign(found, { checksums })
    }
  }
  return withCatalog({ database, log: null }, superblock, encodeCatalog(catalog))
}
