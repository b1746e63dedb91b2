import {
  BufferPool,
  type MillraceError,
  PageReader,
  pageBytes,
  poolBytesMin,
  type SegmentDescriptor,
  sectorBytes,
} from '@millrace/core/internal'
import {
  describeState,
  Random,
  readState,
  SimulatedFileSystem,
  type Step,
  StoreModel,
} from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { dose, reopenAndDescribe, runUntilStop } from './workload.js'

const path = '/simulated/graph.mill'
const logPath = `${path}-wal`

const checkpointed: readonly Step[] = [
  { kind: 'open' },
  { kind: 'create', table: 'A' },
  {
    kind: 'append',
    table: 'A',
    columns: [
      { seed: 1, contentBytes: 3 * pageBytes + 9 },
      { seed: 2, contentBytes: 20 * pageBytes },
    ],
    index: { seed: 3, contentBytes: 2 * pageBytes },
  },
  { kind: 'checkpoint' },
]

const logged: readonly Step[] = [
  { kind: 'create', table: 'B' },
  {
    kind: 'append',
    table: 'B',
    columns: [
      { seed: 4, contentBytes: 100 },
      { seed: 5, contentBytes: 5000 },
    ],
  },
]

interface Files {
  readonly database: Uint8Array
  readonly log: Uint8Array | null
  readonly state: string
}

/** The files after `steps`, as a killed process leaves them, and what they hold. */
function filesAfter(steps: readonly Step[]): Files {
  const fileSystem = new SimulatedFileSystem()
  const model = new StoreModel(fileSystem)
  for (const step of steps) model.do(step)
  const last = steps.at(-1)!.kind === 'close' ? model.open() : model.store
  const log = fileSystem.exists(logPath) ? fileSystem.readAll(logPath) : null
  return {
    database: fileSystem.readAll(path),
    log: log?.length ? log : null,
    state: describeState(readState(last)),
  }
}

function open(files: Files): { readonly model: StoreModel; readonly fileSystem: SimulatedFileSystem } {
  const fileSystem = new SimulatedFileSystem()
  fileSystem.putDurable(path, files.database)
  if (files.log !== null) fileSystem.putDurable(logPath, files.log)
  const model = new StoreModel(fileSystem)
  model.open()
  return { model, fileSystem }
}

/** What opening and reading everything gives: the state, or the error. */
function outcome(files: Files): string | MillraceError {
  try {
    return describeState(readState(open(files).model.store))
  } catch (error) {
    return error as MillraceError
  }
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  return bytes.with(at, bytes[at]! ^ (1 << bit))
}

const closed = filesAfter([...checkpointed, { kind: 'close' }])
const killed = filesAfter([...checkpointed, ...logged])
const random = new Random(dose)

/**
 * Every bit of the bytes that mean something, every so often one of the others. With a larger dose, every
 * bit.
 */
function* bitsOf(start: number, meaningful: number, end: number): Generator<[at: number, bit: number]> {
  for (let at = start; at < end; at++) {
    const all = dose > 1 || at < start + meaningful || at >= end - 4
    if (all) for (let bit = 0; bit < 8; bit++) yield [at, bit]
    else if (at % 61 === 0) yield [at, random.below(8)]
  }
}

describe('damage to one superblock', () => {
  it.each([0, 1])('loses nothing, and is repaired: any bit of page %i', (page) => {
    for (const files of [closed, killed]) {
      for (const [at, bit] of bitsOf(page * pageBytes, 80, (page + 1) * pageBytes)) {
        const { model, fileSystem } = open({ ...files, database: flipped(files.database, at, bit) })
        expect(model.store.recovery.superblockRepaired, `byte ${at}, bit ${bit}`).toBe(true)
        expect(describeState(readState(model.store))).toBe(files.state)
        const after = fileSystem.readAll(path)
        const [first, second] = [0, pageBytes].map((start) => after.subarray(start, start + pageBytes))
        expect(Buffer.compare(first!, second!)).toBe(0)
        if (files.log === null) expect(after[at]).toBe(files.database[at])
      }
    }
  })

  it.each([0, 1])('loses nothing when power is lost while it is repaired: page %i', (page) => {
    const database = closed.database.slice()
    database.fill(7, page * pageBytes, (page + 1) * pageBytes)
    for (let number = 1; ; number++) {
      const fileSystem = new SimulatedFileSystem(number)
      fileSystem.putDurable(path, database)
      const { error } = runUntilStop(fileSystem, [{ kind: 'open' }], number)
      for (let seed = 0; seed < 20 * dose; seed++) {
        const image = fileSystem.crash('garbage', seed)
        expect(reopenAndDescribe(image), `operation ${number}, seed ${seed}`).toBe(closed.state)
      }
      if (error === undefined) break
    }
  })

  it('loses nothing when the page is zero or holds its neighbour', () => {
    for (const page of [0, 1]) {
      const database = closed.database.slice()
      database.fill(0, page * pageBytes, (page + 1) * pageBytes)
      expect(outcome({ ...closed, database })).toBe(closed.state)
      database.copyWithin(page * pageBytes, 2 * pageBytes, 3 * pageBytes)
      expect(outcome({ ...closed, database })).toBe(closed.state)
    }
  })

  it('is named when both are damaged', () => {
    const database = flipped(flipped(closed.database, 40, 1), pageBytes + 41, 2)
    expect(outcome({ ...closed, database })).toMatchObject({
      code: 'MILLRACE_CORRUPT',
      message: expect.stringMatching(/graph\.mill is damaged: both superblocks: page 0 .* page 1/),
    })
  })
})

describe('a file that is no database of this release', () => {
  it.each([
    ['empty', new Uint8Array(0), 'MILLRACE_NOT_A_DATABASE'],
    ['a CSV', new TextEncoder().encode('id,name\n1,x\n'), 'MILLRACE_NOT_A_DATABASE'],
    ['two pages of zeros', new Uint8Array(2 * pageBytes), 'MILLRACE_NOT_A_DATABASE'],
    ['of version 9', closed.database.with(8, 9).with(pageBytes + 8, 9), 'MILLRACE_VERSION'],
  ])('is refused and left alone: %s', (_, database, code) => {
    const fileSystem = new SimulatedFileSystem()
    fileSystem.putDurable(path, database)
    expect(() => new StoreModel(fileSystem).open()).toThrow(expect.objectContaining({ code }))
    expect(fileSystem.readAll(path)).toEqual(database)
    expect(fileSystem.paths).toEqual([path])
  })
})

describe('damage to the header of the log', () => {
  it('is named, and nothing is changed: any bit', () => {
    for (const [at, bit] of bitsOf(0, 48, sectorBytes)) {
      const result = outcome({ ...killed, log: flipped(killed.log!, at, bit) })
      expect(result, `byte ${at}, bit ${bit}`).toMatchObject({
        code: 'MILLRACE_CORRUPT',
        message: expect.stringContaining(`${logPath} is damaged: the header of the log`),
      })
    }
  })
})

describe('damage to the catalog', () => {
  it('is named with its page: any byte', () => {
    const { model } = open(closed)
    const end = model.store.pageCount * pageBytes
    let catalogPages = 0
    for (let page = 2; page < end / pageBytes; page++) {
      const at = page * pageBytes + 3
      const result = outcome({ ...closed, database: flipped(closed.database, at, 0) })
      if (typeof result === 'string' || !result.message.includes('the catalog')) continue
      catalogPages++
      for (let byte = page * pageBytes; byte < (page + 1) * pageBytes; byte += 7) {
        expect(outcome({ ...closed, database: flipped(closed.database, byte, byte % 8) })).toMatchObject({
          code: 'MILLRACE_CORRUPT',
          message: expect.stringContaining(`page ${page} (the catalog)`),
        })
      }
    }
    expect(catalogPages).toBe(1)
  })
})

describe('damage to the records of the log', () => {
  it('is an error that names the byte, also in the last commit: any byte but the zeros behind records', () => {
    let refused = 0
    for (let at = sectorBytes; at < killed.log!.length; at += 3) {
      const result = outcome({ ...killed, log: flipped(killed.log!, at, at % 8) })
      if (typeof result === 'string') {
        expect(killed.log![at], `byte ${at}`).toBe(0)
        expect(result, `byte ${at}`).toBe(killed.state)
      } else {
        refused++
        expect(result.message, `byte ${at}`).toMatch(/graph\.mill-wal is damaged: the log record at byte \d+/)
      }
    }
    expect(refused).toBeGreaterThan(70)
  })

  it('that cuts it at any byte gives a prefix of what was committed', () => {
    const before = filesAfter(checkpointed).state
    const states = [before, `${before} B()`, killed.state]
    let reached = 0
    for (let length = 0; length <= killed.log!.length; length += dose > 1 ? 1 : 3) {
      const result = outcome({ ...killed, log: killed.log!.slice(0, length) })
      const index = states.indexOf(result as string)
      expect(index, `${length} bytes: ${result}`).toBeGreaterThanOrEqual(reached)
      reached = index
    }
    expect(reached).toBe(2)
  })
})

describe('a log that does not belong to the database', () => {
  it('of another database is refused, and both are left alone', () => {
    const other = filesAfter([...checkpointed, ...logged])
    const fileSystem = new SimulatedFileSystem()
    fileSystem.putDurable(path, closed.database)
    fileSystem.putDurable(logPath, other.log!)
    expect(() => new StoreModel(fileSystem).open()).toThrow(
      expect.objectContaining({ code: 'MILLRACE_FOREIGN_LOG', message: expect.stringContaining(logPath) }),
    )
    expect(fileSystem.readAll(path)).toEqual(closed.database)
    expect(fileSystem.readAll(logPath)).toEqual(other.log!)
    expect(fileSystem.openFiles).toBe(0)
  })

  it('left without its database is refused when it holds anything, and removed when it does not', () => {
    const fileSystem = new SimulatedFileSystem()
    fileSystem.putDurable(logPath, killed.log!)
    expect(() => new StoreModel(fileSystem).open()).toThrow(
      expect.objectContaining({ code: 'MILLRACE_FOREIGN_LOG' }),
    )
    fileSystem.putDurable(logPath, killed.log!.slice(0, 100))
    expect(new StoreModel(fileSystem).open().catalog.tables).toEqual([])
  })

  it('of an earlier checkpoint is ignored', () => {
    const fileSystem = new SimulatedFileSystem()
    const model = new StoreModel(fileSystem)
    for (const step of [...checkpointed, ...logged]) model.do(step)
    const old = fileSystem.readAll(logPath)
    model.do({ kind: 'close' })
    fileSystem.putDurable(logPath, old)
    const store = model.open()
    expect(store.recovery).toMatchObject({ replayedTransactions: 0, droppedLogBytes: old.length })
    expect(describeState(readState(store))).toBe(killed.state)
  })

  it('of a later checkpoint says that the database is older than its log', () => {
    const fileSystem = new SimulatedFileSystem()
    const model = new StoreModel(fileSystem)
    for (const step of checkpointed) model.do(step)
    const older = fileSystem.readAll(path)
    for (const step of [...logged, { kind: 'checkpoint' }, { kind: 'drop', table: 'B' }] as const)
      model.do(step)
    const result = outcome({ database: older, log: fileSystem.readAll(logPath), state: '' })
    expect(result).toMatchObject({
      code: 'MILLRACE_CORRUPT',
      message: expect.stringContaining('continues checkpoint 3'),
    })
  })
})

describe('damage to data pages', () => {
  function segmentsOf(model: StoreModel): SegmentDescriptor[] {
    const table = model.store.catalog.tables[0]
    return table?.kind === 'node' ? [...table.groups[0]!.segments] : []
  }

  function damage(
    change: (database: Uint8Array, segments: SegmentDescriptor[]) => void,
  ): string | MillraceError {
    const database = closed.database.slice()
    change(database, segmentsOf(open(closed).model))
    return outcome({ ...closed, database })
  }

  const pageOf = (database: Uint8Array, page: number) =>
    database.subarray(page * pageBytes, (page + 1) * pageBytes)

  it('is named with table, column and page: a bit', () => {
    const page = segmentsOf(open(closed).model)[0]!.firstPage + 2
    const result = damage((database) => database.set(flipped(database, page * pageBytes + 77, 4)))
    expect(result).toMatchObject({
      code: 'MILLRACE_CORRUPT',
      message: expect.stringContaining(`page ${page} (table A, column id, row group 0)`),
      details: expect.objectContaining({ table: 'A', column: 'id', page }),
    })
  })

  it('is named when it is in a page of checksums', () => {
    const page = segmentsOf(open(closed).model)[1]!.firstPage + 20
    const result = damage((database) => database.set(flipped(database, page * pageBytes + 3, 0)))
    expect(result).toMatchObject({ message: expect.stringContaining(`page ${page} (table A, column text`) })
  })

  it('is named when a page is zero', () => {
    const result = damage((database, [, second]) => void pageOf(database, second!.firstPage + 19).fill(0))
    expect(result).toMatchObject({ message: expect.stringContaining('table A, column text') })
  })

  it('is named when two whole pages are swapped', () => {
    const result = damage((database, [, second]) => {
      const one = pageOf(database, second!.firstPage + 4)
      const other = pageOf(database, second!.firstPage + 5)
      const kept = one.slice()
      one.set(other)
      other.set(kept)
    })
    expect(result).toMatchObject({ message: expect.stringContaining('table A, column text') })
  })

  it('is named when the file is cut, wherever', () => {
    for (let length = 1; length < closed.database.length; length += 5003) {
      const result = outcome({ ...closed, database: closed.database.slice(0, length) })
      expect(result, `${length} bytes`).toMatchObject({ message: expect.stringContaining(path) })
    }
  })

  it('is found by verify, past the pool that still holds the page as it was', () => {
    const { model, fileSystem } = open(closed)
    const [segment] = segmentsOf(model)
    const pool = BufferPool.create(poolBytesMin)
    const file = fileSystem.open(path, 'readWrite')
    const reader = new PageReader(file, pool)
    const place = { table: 'A', column: 'id' }
    const content = new Uint8Array(100)
    reader.read(segment!, place, 0, content)
    file.write(new Uint8Array(pageBytes), segment!.firstPage * pageBytes)
    reader.read(segment!, place, 0, content)
    expect(() => reader.verify(segment!, place)).toThrow(
      expect.objectContaining({ code: 'MILLRACE_CORRUPT' }),
    )
  })
})
