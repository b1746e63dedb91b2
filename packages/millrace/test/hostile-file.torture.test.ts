/**
 * A database file made by an enemy: any part of it is changed, and every checksum above it is right again.
 * What is read may be wrong (whoever can write the file can write anything into it), but reading ends soon,
 * in bounded memory, with rows or an error of the catalogue: no trap, no broken invariant, no endless loop.
 */
import {
  type Catalog,
  checkTable,
  decodeSuperblock,
  encodeSuperblock,
  isMillraceError,
  type PageRun,
  pageBytes,
  type Store,
  type Superblock,
  tableRuns,
} from '@millrace/core/internal'
import { mutate, type Random, torture } from '@millrace/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkStore, describeStore } from '../src/cli/inspect-report.js'
import {
  answer,
  catalogOf,
  type DatabaseFiles,
  makeDatabases,
  openFiles,
  path,
  questions,
  snapshotOf,
  superblockOf,
  withCatalog,
  withContent,
} from './whole-database.js'

/** Milliseconds of processor time that one file may take. */
const cpuMsMax = 10_000

let closed: DatabaseFiles
let killed: DatabaseFiles
let superblock: Superblock
let catalog: Catalog
let catalogBytes: Uint8Array
let runs: PageRun[]

beforeAll(async () => {
  ;({ closed, killed } = await makeDatabases())
  superblock = superblockOf(closed)
  ;({ catalog, bytes: catalogBytes } = catalogOf(closed, superblock))
  runs = catalog.tables.flatMap((table) => Array.from(tableRuns(table), ({ run }) => run))
})

/** An error of the catalogue is an answer; a broken invariant is not. */
function requireTyped(error: unknown): void {
  if (!isMillraceError(error) || error.code === 'MILLRACE_INTERNAL') throw error
}

async function readAll(store: Store, random: Random): Promise<void> {
  describeStore(store)
  checkStore(store)
  const snapshot = snapshotOf(store)
  try {
    for (const table of store.catalog.tables) Array.from(checkTable(snapshot, table))
    for (let asked = 0; asked < 2; asked++) {
      try {
        await answer(snapshot, questions[random.below(questions.length)]!)
      } catch (error) {
        requireTyped(error)
      }
    }
  } catch (error) {
    requireTyped(error)
  } finally {
    snapshot.close()
  }
}

/** Opens `files` and reads everything, as a user and as `inspect` would. */
async function expectHarmless(files: DatabaseFiles, random: Random): Promise<void> {
  const before = process.cpuUsage()
  let store: Store | undefined
  try {
    store = openFiles(files, random.chance(0.8))
    await readAll(store, random)
  } catch (error) {
    requireTyped(error)
  } finally {
    try {
      store?.close()
    } catch (error) {
      requireTyped(error)
    }
  }
  const { user, system } = process.cpuUsage(before)
  expect(user + system).toBeLessThan(1000 * cpuMsMax)
  expect(process.memoryUsage().rss).toBeLessThan(3 * 2 ** 30)
}

describe('a file of an enemy', () => {
  it('may have any superblock', async () => {
    await torture(12, async ({ random }) => {
      const page = mutate(encodeSuperblock(superblock), random, { keepLength: true })
      const valid = new DataView(page.buffer)
      const { crc32 } = await import('node:zlib')
      valid.setUint32(pageBytes - 4, crc32(page.subarray(0, pageBytes - 4)), true)
      decodeSuperblock(page, { file: path, what: 'page 0' })
      const database = closed.database.slice()
      database.set(page, 0)
      if (random.chance()) database.set(page, pageBytes)
      await expectHarmless({ database, log: null }, random)
    })
  })

  it('may have any catalog: tables, descriptors, manifests', async () => {
    await torture(30, async ({ random }) => {
      await expectHarmless(withCatalog(closed, superblock, mutate(catalogBytes, random)), random)
    })
  })

  it('may have anything in segments, CSR and key indexes', async () => {
    await torture(30, async ({ random }) => {
      const run = runs[random.below(runs.length)]!
      const from = run.firstPage * pageBytes
      const content = closed.database.slice(from, from + run.contentBytes)
      // Headers and directories are at the beginning: half of the time the damage is there.
      const head = random.chance() ? Math.min(content.length, 256) : content.length
      const changed = new Uint8Array(
        Buffer.concat([
          mutate(content.subarray(0, head), random, { keepLength: true }),
          content.subarray(head),
        ]),
      )
      await expectHarmless(withContent(closed, superblock, run, changed), random)
    })
  })

  it('may have any log', async () => {
    await torture(15, async ({ random }) => {
      await expectHarmless({ ...killed, log: mutate(killed.log!, random) }, random)
    })
  })

  it('may be anything', async () => {
    await torture(30, async ({ random }) => {
      const database = random.chance()
        ? mutate(closed.database, random)
        : random.fill(new Uint8Array(random.below(5 * pageBytes)))
      await expectHarmless({ database, log: random.chance() ? killed.log : null }, random)
    })
  })
})
