/**
 * Damage to a whole database, by accident: bits flip, pages are zeroed or change places, the log is cut. A
 * query gives an error that names the place, or the right answer; `inspect --check` finds all of it.
 *
 * The quick dose takes a few bits of each kind of page; the long one every bit of one page of each kind.
 */
import {
  isMillraceError,
  type MillraceError,
  type NodeTable,
  pageBytes,
  type Store,
} from '@millrace/core/internal'
import { type Random, type Round, torture } from '@millrace/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkStore } from '../src/cli/inspect-report.js'
import {
  answer,
  answers,
  changesInLog,
  type DatabaseFiles,
  makeDatabases,
  openFiles,
  pagesByKind,
  questions,
  snapshotOf,
  superblockOf,
} from './whole-database.js'

let closed: DatabaseFiles
let killed: DatabaseFiles
let closedAnswers: string[]
let killedAnswers: string[]
let kinds: Map<string, number[]>

beforeAll(async () => {
  ;({ closed, killed } = await makeDatabases())
  const store = openFiles(closed)
  closedAnswers = await answers(store)
  kinds = pagesByKind(store, superblockOf(closed))
  expect(checkStore(store).problems).toEqual([])
  store.close()
  const replayed = openFiles(killed)
  killedAnswers = await answers(replayed)
  replayed.close()
})

/** Runs `action` on the opened files; an error of opening is its outcome, too. */
async function withStore<T>(
  files: DatabaseFiles,
  action: (store: Store) => T | Promise<T>,
): Promise<T | MillraceError> {
  let store: Store
  try {
    store = openFiles(files)
  } catch (error) {
    if (!isMillraceError(error) || error.code === 'MILLRACE_INTERNAL') throw error
    return error
  }
  try {
    return await action(store)
  } finally {
    store.close()
  }
}

/** All questions in the long dose, two of them in the quick one. */
function questionsOf({ random, isLong }: Round): number[] {
  if (isLong) return [...questions.keys()]
  return [random.below(questions.length), random.below(questions.length)]
}

/** Each question asked gives what it gave before, or an error that names the damage. */
async function expectAnswers(
  files: DatabaseFiles,
  expected: readonly string[],
  what: string,
  asked: readonly number[],
): Promise<void> {
  const failure = await withStore(files, async (store) => {
    const snapshot = snapshotOf(store)
    try {
      for (const at of asked) {
        try {
          expect(await answer(snapshot, questions[at]!), `${what}: ${questions[at]}`).toBe(expected[at])
        } catch (error) {
          if (!isMillraceError(error, 'MILLRACE_CORRUPT')) throw error
          expect(error.message, what).toMatch(/page \d+ \(table \w+, /)
        }
      }
    } finally {
      snapshot.close()
    }
    return undefined
  })
  if (isMillraceError(failure))
    expect(failure.message, what).toMatch(/is damaged: .*(page \d+|record|header)/)
}

/** The check finds something, or the file cannot be opened at all. */
async function expectFound(files: DatabaseFiles, page: number, what: string): Promise<void> {
  const found = await withStore(files, (store) => checkStore(store).problems)
  if (isMillraceError(found)) expect(found.code, what).toBe('MILLRACE_CORRUPT')
  else {
    expect(found.length, what).toBe(1)
    expect(found[0], what).toMatch(new RegExp(`page ${page}\\b`))
  }
}

function withFlip(bytes: Uint8Array, bit: number): Uint8Array {
  const at = bit >>> 3
  return bytes.with(at, bytes[at]! ^ (1 << (bit & 7)))
}

function withPages(files: DatabaseFiles, change: (page: (at: number) => Uint8Array) => void): DatabaseFiles {
  const database = files.database.slice()
  change((at) => database.subarray(at * pageBytes, (at + 1) * pageBytes))
  return { ...files, database }
}

/** Shares no factor with the bits of a page, and so comes to each of them. */
const bitStep = 9973

const oneOf = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!

describe('the database that is damaged', () => {
  it('has pages of every kind', () => {
    const text = [...kinds.keys()].join('\n')
    for (const encoding of [
      'bitPacked',
      'delta',
      'bitmap',
      'decimal',
      'plainDouble',
      'plain',
      'dictionary',
    ]) {
      expect(text).toContain(`(${encoding})`)
    }
    for (const what of [
      'superblock',
      'catalog',
      'key index',
      'checksums of',
      'starts',
      'forward',
      'backward',
    ]) {
      expect(text).toContain(what)
    }
    expect(text).toContain('(neighbour)')
    expect(text).toContain('(position)')
    expect(kinds.get('free')?.length).toBeGreaterThan(0)
    expect(killedAnswers).not.toEqual(closedAnswers)
  })

  it('has compressed strings, and rows that were deleted, changed and added after they were loaded', async () => {
    const store = openFiles(closed)
    const person = store.catalog.tables.find(({ name }) => name === 'Person') as NodeTable
    const column = person.columns.findIndex(({ name }) => name === 'story')
    const stories = person.groups.map(({ segments }) => segments.at(column)!.contentBytes)
    const text = await answer(snapshotOf(store), 'MATCH (p:Person) RETURN sum(size(p.story)) AS bytes')
    expect(stories.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(Number(/\d+/.exec(text)![0]) / 2)
    const reader = snapshotOf(store).nodes(person)
    expect(reader.rowCount - reader.liveRowCount).toBe(199)
    expect(closedAnswers.join()).toContain('violet')
    store.close()
  })

  it('has log records of every kind, and small writes above its segments', () => {
    expect([...changesInLog(killed)].sort()).toEqual([
      'appendNodes',
      'appendNodes with progress',
      'appendRels',
      'createTable',
      'dropTable',
      'recordLoad with progress',
      'replaceTables',
      'several',
      'writes',
    ])
    const store = openFiles(killed)
    expect(store.delta.isEmpty).toBe(false)
    expect(killedAnswers.join()).toContain('800002')
    store.close()
  })
})

describe('a flipped bit', () => {
  it('in any page is found by the check; in a free page it means nothing', async () => {
    const all = [...kinds]
    const bitsOfPage = 8 * pageBytes
    // Round after round another kind; after as many rounds as a page has bits, every bit of it.
    await torture(3 * all.length, async ({ number }) => {
      const [kind, pages] = all[number % all.length]!
      const page = pages[0]!
      const bit = (Math.floor(number / all.length) * bitStep + bitStep) % bitsOfPage
      const database = withFlip(closed.database, page * bitsOfPage + bit)
      const what = `${kind}: bit ${bit} of page ${page}`
      if (kind !== 'free') await expectFound({ ...closed, database }, page, what)
      else {
        const problems = await withStore({ ...closed, database }, (store) => checkStore(store).problems)
        expect(problems, what).toEqual([])
      }
    })
  })

  it('in any page gives an error that names it, or the right answer', async () => {
    await torture(kinds.size, async (round) => {
      const { random, number } = round
      const [kind, pages] = [...kinds][number % kinds.size]!
      const page = oneOf(pages, random)
      const bit = random.below(8 * pageBytes)
      const database = withFlip(closed.database, page * pageBytes * 8 + bit)
      await expectAnswers(
        { ...closed, database },
        closedAnswers,
        `${kind}: bit ${bit} of page ${page}`,
        questionsOf(round),
      )
    })
  })

  it('in the log gives an error that names the record: no commit is lost in silence', async () => {
    const log = killed.log!
    await torture(60, async (round) => {
      const { random, isLong, number } = round
      const bit = isLong ? number % (8 * log.length) : random.below(8 * log.length)
      const what = `bit ${bit} of the log`
      const files = { ...killed, log: withFlip(log, bit) }
      const outcome = await withStore(files, (store) => ({
        version: store.catalog.version,
        dropped: store.recovery.droppedLogBytes,
      }))
      if (isMillraceError(outcome)) {
        expect(outcome.code, what).toBe('MILLRACE_CORRUPT')
        expect(outcome.message, what).toMatch(/mill-wal is damaged: the (log record at byte|header)/)
      } else {
        // The zeros behind a record mean nothing.
        expect(outcome.dropped, what).toBe(0)
        if (number % 20 === 0) await expectAnswers(files, killedAnswers, what, questionsOf(round))
      }
    })
  })
})

describe('a page', () => {
  it('that is zero, or holds another, is found by the check and never gives a wrong answer', async () => {
    const kindOfPage = new Map(
      [...kinds].flatMap(([kind, pages]) => pages.map((page) => [page, kind] as const)),
    )
    const reached = [...kinds].filter(([kind]) => kind !== 'free' && kind !== 'superblock')
    await torture(reached.length, async (round) => {
      const { random, number } = round
      const [kind, pages] = reached[number % reached.length]!
      const page = oneOf(pages, random)
      const other = oneOf(
        [...kindOfPage.keys()].filter((each) => each > 1),
        random,
      )
      const changes: [string, (at: (page: number) => Uint8Array) => void][] = [
        ['zeroed', (at) => void at(page).fill(0)],
        ['overwritten', (at) => at(page).set(at(other).slice())],
        [
          'swapped',
          (at) => {
            const kept = at(page).slice()
            at(page).set(at(other))
            at(other).set(kept)
          },
        ],
      ]
      for (const [change, apply] of changes) {
        const files = withPages(closed, apply)
        if (Buffer.compare(files.database, closed.database) === 0) continue
        const what = `${kind}: page ${page} ${change} (with ${other})`
        const found = await withStore(files, (store) => checkStore(store).problems)
        expect(isMillraceError(found) || found.length > 0, what).toBe(true)
        await expectAnswers(files, closedAnswers, what, questionsOf(round))
      }
    })
  })
})

describe('a file that was cut', () => {
  it('the log, at any byte: a prefix of what was committed', async () => {
    const log = killed.log!
    const store = openFiles({ ...killed, log: null })
    const [first, last] = [store.catalog.version, openFiles(killed).catalog.version]
    store.close()
    await torture(80, async ({ random, isLong, number }) => {
      const length = isLong ? number % log.length : random.below(log.length)
      const outcome = await withStore({ ...killed, log: log.slice(0, length) }, (cut) => cut.catalog.version)
      expect(outcome, `${length} bytes`).toSatisfy(
        (version) => typeof version === 'number' && version >= first && version <= last,
      )
    })
  })

  it('the database, anywhere: an error', async () => {
    const used = Math.max(...[...kinds].flatMap(([kind, pages]) => (kind === 'free' ? [] : pages))) + 1
    await torture(40, async ({ random }) => {
      const length = random.below(used * pageBytes)
      const outcome = await withStore({ ...closed, database: closed.database.slice(0, length) }, () => 'open')
      expect(isMillraceError(outcome), `${length} bytes`).toBe(true)
    })
  })
})
