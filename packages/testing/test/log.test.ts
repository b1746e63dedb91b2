import {
  ByteWriter,
  encodeLogHeader,
  type LogHeader,
  type LogRecord,
  LogWriter,
  readLog,
  readLogHeader,
  recordBytesMax,
  recordBytesOf,
  recordHeaderBytes,
  sectorBytes,
  writeRecord,
} from '@millrace/core/internal'
import { crashModes, Random, randomBytes, SimulatedFileSystem } from '@millrace/testing'
import { describe, expect, it } from 'vitest'

const path = '/simulated/graph.mill-wal'
const identity = { uuid: randomBytes(16, 1), checkpointNumber: 7 }

/** Commits changes with the given contents as transactions 1, 2, 3 …, and returns the log's bytes. */
function logOf(changes: readonly Uint8Array[]): Uint8Array {
  const fileSystem = new SimulatedFileSystem()
  const writer = new LogWriter(fileSystem, path)
  for (const [index, change] of changes.entries()) writer.append(index + 1, change, identity)
  writer.abandon()
  return fileSystem.readAll(path)
}

interface Found {
  readonly transactions: number[]
  readonly changes: Uint8Array[]
  readonly endByte: number
  readonly droppedBytes: number
}

function read(bytes: Uint8Array): Found {
  const fileSystem = new SimulatedFileSystem()
  fileSystem.putDurable(path, bytes)
  const file = fileSystem.open(path, 'read')
  const header = readLogHeader(file)
  if (header === null) return { transactions: [], changes: [], endByte: 0, droppedBytes: bytes.length }
  const transactions: number[] = []
  const changes: Uint8Array[] = []
  const extent = readLog(file, header, ({ transaction, change }) => {
    transactions.push(transaction)
    changes.push(change.slice())
  })
  return { transactions, changes, ...extent }
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

const header: LogHeader = { ...identity, salt: randomBytes(8, 2) }

/** A log with the given records as they are, right or wrong. */
function logWith(records: readonly Omit<LogRecord, 'lsn'>[], salt = header.salt): Uint8Array {
  const writer = new ByteWriter()
  for (const record of records) writeRecord(writer, { ...record, lsn: sectorBytes + writer.length }, salt)
  return join(encodeLogHeader(header), writer.finish())
}

const small = [randomBytes(40, 3), randomBytes(700, 4), randomBytes(5, 5)]

describe('a log', () => {
  it('gives back its changes in order', () => {
    const found = read(logOf(small))
    expect(found.transactions).toEqual([1, 2, 3])
    expect(found.changes).toEqual(small)
    expect(found.droppedBytes).toBe(0)
  })

  it('carries a change that is longer than a record, and one of no bytes', () => {
    const changes = [
      randomBytes(2 * recordBytesMax + 12_345, 6),
      new Uint8Array(0),
      randomBytes(recordBytesMax, 7),
    ]
    const found = read(logOf(changes))
    expect(
      found.changes.map((change) => Buffer.compare(change, changes[found.changes.indexOf(change)]!)),
    ).toEqual([0, 0, 0])
    expect(found.transactions).toEqual([1, 2, 3])
  })

  it('begins every record in a sector of its own', () => {
    const bytes = logOf(small)
    expect(bytes.length).toBe(
      sectorBytes + small.reduce((sum, change) => sum + recordBytesOf(change.length), 0),
    )
    expect(bytes.length % sectorBytes).toBe(0)
  })

  it('is empty when it ends within its header', () => {
    const bytes = logOf(small)
    for (let length = 0; length <= sectorBytes; length++) {
      expect(read(bytes.subarray(0, length)).transactions).toEqual([])
    }
  })
})

describe('the tail of a log', () => {
  const bytes = logOf(small)
  const lastAt = bytes.length - recordBytesOf(small[2]!.length)

  it('cut at any byte leaves the complete transactions before it, and says how many bytes are dropped', () => {
    const ends = [sectorBytes]
    for (const change of small) ends.push(ends.at(-1)! + recordBytesOf(change.length))
    for (let length = sectorBytes + 1; length < bytes.length; length++) {
      const found = read(bytes.subarray(0, length))
      // The zeros behind a record may be missing.
      const complete = small.filter(
        (change, index) => ends[index]! + recordHeaderBytes + change.length <= length,
      ).length
      expect(found.transactions.length, `${length} bytes`).toBe(complete)
      expect(found.endByte).toBe(ends[complete])
      expect(found.droppedBytes).toBe(Math.max(0, length - ends[complete]!))
    }
  })

  /** More than one byte is wrong: damage of a single one is told from a torn write. */
  const twice = (tail: Uint8Array, at: number, change: number) =>
    tail.with(at, tail[at]! ^ change).with(recordHeaderBytes + 1, tail[recordHeaderBytes + 1]! ^ 0x55)

  const tails: Record<string, (tail: Uint8Array) => Uint8Array> = {
    'with a wrong checksum': (tail) => twice(tail, recordHeaderBytes, 3),
    'with a wrong digest': (tail) => twice(tail, 24, 3),
    'of the kind 0': (tail) => twice(tail, 4, 2),
    'of an unknown kind': (tail) => twice(tail, 4, 11),
    'longer than the limit': (tail) => twice(tail, 3, 0xff),
    'longer than the file': (tail) => twice(tail, 1, 0x30),
    'written for another place': (tail) => twice(tail, 17, 6),
    'of zeros': (tail) => new Uint8Array(tail.length),
    'of garbage': (tail) => randomBytes(tail.length, 8),
  }

  it.each(Object.keys(tails))('is cut at a record %s', (name) => {
    const found = read(join(bytes.subarray(0, lastAt), tails[name]!(bytes.slice(lastAt))))
    expect(found.transactions).toEqual([1, 2])
    expect(found.endByte).toBe(lastAt)
    expect(found.droppedBytes).toBe(bytes.length - lastAt)
  })

  it('is cut where a transaction has no commit record', () => {
    const part = { kind: 'part', transaction: 2, payload: randomBytes(900, 9) } as const
    const log = logWith([{ kind: 'commit', transaction: 1, payload: small[0]! }, part, part])
    const found = read(log)
    expect(found.transactions).toEqual([1])
    expect(found.droppedBytes).toBe(2 * recordBytesOf(900))
  })

  it('is cut at a record of another generation', () => {
    const commit = (transaction: number) => ({ kind: 'commit', transaction, payload: small[0]! }) as const
    const older = logWith([commit(1), commit(2), commit(3)], randomBytes(8, 10))
    const newer = logWith([commit(1)])
    const found = read(join(newer, older.subarray(newer.length)))
    expect(found.transactions).toEqual([1])
    expect(found.droppedBytes).toBe(2 * recordBytesOf(small[0]!.length))
  })

  it('is damage, not a tail, when a valid commit follows a bad record', () => {
    for (const at of [sectorBytes, sectorBytes + 40, lastAt - recordBytesOf(700), lastAt - 600]) {
      const damaged = bytes.with(at, bytes[at]! ^ 4)
      expect(() => read(damaged), `byte ${at}`).toThrow(
        expect.objectContaining({
          code: 'MILLRACE_CORRUPT',
          message: expect.stringMatching(/log record at byte \d+.*damaged/),
        }),
      )
    }
  })

  const damagedCommit = expect.objectContaining({
    code: 'MILLRACE_CORRUPT',
    message: expect.stringContaining(`the log record at byte ${lastAt}: one byte`),
  })

  it('is damage, not a tail, when one byte of a whole commit was changed: any byte of it, to anything', () => {
    const end = recordHeaderBytes + small[2]!.length
    for (let at = lastAt; at < lastAt + end; at++) {
      for (const change of [1 << (at & 7), 0xff, 0x5a]) {
        const damaged = bytes.with(at, bytes[at]! ^ change)
        expect(() => read(damaged), `byte ${at} ^ ${change}`).toThrow(damagedCommit)
      }
    }
  })

  it('is damage when one byte of the longest record was changed', () => {
    const long = logOf([small[0]!, randomBytes(recordBytesMax, 13)])
    const start = sectorBytes + recordBytesOf(small[0]!.length)
    for (const at of [0, 1, 2, 9, 18, 25, 33, recordHeaderBytes, 70_000, recordBytesMax]) {
      const damaged = long.with(start + at, long[start + at]! ^ 0x11)
      expect(() => read(damaged), `byte ${at}`).toThrow(/one byte of it/)
    }
  })

  it('is never damage when the write was torn: any of its sectors missing or anything at all', () => {
    const payload = randomBytes(60 * sectorBytes, 14)
    const whole = logOf([small[0]!, payload])
    const start = sectorBytes + recordBytesOf(small[0]!.length)
    const random = new Random(15)
    for (let round = 0; round < 400; round++) {
      const torn = whole.slice(
        0,
        random.chance(1 / 4) ? start + random.below(whole.length - start) : undefined,
      )
      let isWhole = torn.length === whole.length
      for (let at = start; at < torn.length; at += sectorBytes) {
        if (!random.chance(0.1)) continue
        isWhole = false
        const sector = torn.subarray(at, at + sectorBytes)
        if (random.chance()) sector.fill(0)
        else random.fill(sector)
      }
      expect(read(torn).transactions, `round ${round}`).toEqual(isWhole ? [1, 2] : [1])
    }
  })

  it('is no damage when a part without its commit was flipped: nobody was told of it', () => {
    const part = { kind: 'part', transaction: 2, payload: randomBytes(900, 9) } as const
    const log = logWith([{ kind: 'commit', transaction: 1, payload: small[0]! }, part])
    expect(read(log.with(log.length - 500, 1)).transactions).toEqual([1])
  })

  it('is damage when two transactions are mixed', () => {
    const part = { kind: 'part', transaction: 1, payload: small[0]! } as const
    const log = logWith([part, { kind: 'commit', transaction: 2, payload: small[1]! }])
    expect(() => read(log)).toThrow(expect.objectContaining({ code: 'MILLRACE_CORRUPT' }))
  })
})

describe('a crash while a change of several records is appended', () => {
  const first = randomBytes(300, 11)
  const long = randomBytes(2 * recordBytesMax + 99, 12)

  it('keeps all of it or nothing, and never takes it for damage', () => {
    const dry = new SimulatedFileSystem()
    const append = (fileSystem: SimulatedFileSystem) => {
      const writer = new LogWriter(fileSystem, path)
      writer.append(1, first, identity)
      writer.append(2, long, identity)
    }
    append(dry)
    for (let number = 1; number <= dry.operations.length + 1; number++) {
      const fileSystem = new SimulatedFileSystem(number)
      fileSystem.faults = (operation) => (operation.number === number ? 'stop' : undefined)
      try {
        append(fileSystem)
      } catch {
        // The machine stopped, as it should.
      }
      for (const mode of crashModes) {
        const image = fileSystem.crash(mode, number)
        const found = image.exists(path) ? read(image.readAll(path)).transactions : []
        expect([[], [1], [1, 2]], `${mode}, operation ${number}`).toContainEqual(found)
      }
    }
  })
})
