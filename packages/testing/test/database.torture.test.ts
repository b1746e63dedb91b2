/**
 * Random actions on a whole database beside a plain model: tables, loads, statements, transactions,
 * checkpoints, reopenings, with power lost, processes killed, syncs failed and disks full in the middle of
 * them. After each, the database holds what the model says, in every way it can be read.
 *
 * A failure is shrunk to few actions; its message says the seed and round, and the path to the shrunk case.
 */
import { isMillraceError, MillraceError } from '@millrace/core/internal'
import {
  type Action,
  type CrashMode,
  crashModes,
  type DatabaseModel,
  databaseAction,
  describeDatabase,
  emptyDatabase,
  type Fault,
  firstActions,
  type Operation,
  perform,
  SimulatedDatabase,
  SimulatedFileSystem,
  torture,
  tortureTimeoutMs,
} from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

vi.setConfig({ testTimeout: tortureTimeoutMs })

/** The model: a value that commands replace. */
interface Expected {
  database: DatabaseModel
}

/** What commands work on: another database after each crash. */
interface Actual {
  database: SimulatedDatabase
}

type Command = fc.AsyncCommand<Expected, Actual>

/** As fast-check prints it when it fails. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))
}

function expectHolds({ database: expected }: Expected, { database }: Actual): void {
  expect(database.describe()).toBe(describeDatabase(expected))
}

/** Opens what another file system holds, in the place of the database; it must be one of `allowed`. */
function goOnWith(
  fileSystem: SimulatedFileSystem,
  expected: Expected,
  actual: Actual,
  allowed: readonly DatabaseModel[],
): void {
  actual.database = new SimulatedDatabase(fileSystem)
  actual.database.open()
  const found = actual.database.describe()
  expect(allowed.map(describeDatabase)).toContain(found)
  expected.database = allowed.find((model) => describeDatabase(model) === found)!
  expect(fileSystem.paths.filter((path) => path.includes('.tmp'))).toEqual([])
}

/** Operations that a database with a bug put in on purpose leaves out. */
type Forgotten = (operation: Operation) => boolean

/** Counts operations from now on, and lets `faultAt` say which fail. */
function failFrom(
  fileSystem: SimulatedFileSystem,
  faultAt: (number: number, operation: Operation) => Fault | undefined,
) {
  const before = fileSystem.operations.length
  fileSystem.faults = (operation) => faultAt(operation.number - before, operation)
}

/** An action, with nothing in its way. */
class Do implements Command {
  readonly #action: Action

  constructor(action: Action) {
    this.#action = action
  }

  check(): boolean {
    return true
  }

  async run(expected: Expected, actual: Actual): Promise<void> {
    const { model, outcomes } = perform(expected.database, this.#action)
    expect(await actual.database.perform(expected.database, this.#action)).toEqual(outcomes)
    expected.database = model
    expectHolds(expected, actual)
  }

  toString(): string {
    return textOf(this.#action)
  }
}

interface Crash {
  readonly action: Action
  /** The operation of the action before which it happens; a greater number than there are: after it. */
  readonly operation: number
  readonly how: CrashMode | 'kill'
  readonly seed: number
  /** Operations of the recovery before which the power is lost again, one after the other. */
  readonly again: readonly number[]
}

/** Power is lost, or the process killed, in the middle of an action, and again while it recovers. */
class CrashIn implements Command {
  readonly #crash: Crash
  readonly #forgotten: Forgotten

  constructor(crash: Crash, forgotten: Forgotten = () => false) {
    this.#crash = crash
    this.#forgotten = forgotten
  }

  check(): boolean {
    return true
  }

  async run(expected: Expected, actual: Actual): Promise<void> {
    const { action, operation, seed, again } = this.#crash
    const before = expected.database
    const after = perform(before, action).model
    const { fileSystem } = actual.database
    failFrom(fileSystem, (number, each) => {
      if (number === operation) return 'stop'
      return this.#forgotten(each) ? 'skip' : undefined
    })
    let isDone = false
    try {
      await actual.database.perform(before, action)
      isDone = true
    } catch (error) {
      if (!fileSystem.isStopped) throw error
    }
    let image = this.#imageOf(fileSystem, seed)
    // What was shown once stays.
    let allowed = isDone ? [after] : [before, after]
    for (const [index, number] of again.entries()) {
      const recovering = new SimulatedDatabase(image)
      failFrom(image, (at) => (at === number ? 'stop' : undefined))
      try {
        recovering.open()
        const found = recovering.describe()
        expect(allowed.map(describeDatabase)).toContain(found)
        allowed = allowed.filter((model) => describeDatabase(model) === found)
        recovering.close()
      } catch (error) {
        if (!image.isStopped) throw error
      }
      image = this.#imageOf(image, seed + index + 1)
    }
    goOnWith(image, expected, actual, allowed)
  }

  #imageOf(fileSystem: SimulatedFileSystem, seed: number): SimulatedFileSystem {
    const { how } = this.#crash
    return how === 'kill' ? fileSystem.afterKill() : fileSystem.crash(how, seed)
  }

  toString(): string {
    return `crash${textOf(this.#crash)}`
  }
}

interface Failure {
  readonly action: Action
  /** The operation of the action that fails, or the sync. */
  readonly operation: number
  readonly what: 'EIO' | 'ENOSPC' | 'EMFILE' | 'sync' | 'for ever'
  readonly seed: number
}

/** One operation of an action fails, or all from one on. */
class FailIn implements Command {
  readonly #failure: Failure

  constructor(failure: Failure) {
    this.#failure = failure
  }

  check(): boolean {
    return true
  }

  async run(expected: Expected, actual: Actual): Promise<void> {
    const { action } = this.#failure
    const before = expected.database
    const { model: after, outcomes } = perform(before, action)
    const { fileSystem } = actual.database
    this.#arrange(fileSystem)
    let failure: unknown
    try {
      expect(await actual.database.perform(before, action)).toEqual(outcomes)
      expected.database = after
    } catch (error) {
      expect(error).toBeInstanceOf(MillraceError)
      failure = error
    }
    fileSystem.faults = () => undefined
    const isClosed = action.kind === 'reopen' && failure !== undefined
    if (isMillraceError(failure, 'MILLRACE_IN_DOUBT') || isClosed) {
      this.#decide(expected, actual, isClosed ? [before] : [before, after])
      return
    }
    expectHolds(expected, actual)
    if (failure === undefined) return
    expect((failure as MillraceError).code).toMatch(/^MILLRACE_(IO|DISK_FULL)$/)
    // The same succeeds now.
    expect(await actual.database.perform(before, action)).toEqual(outcomes)
    expected.database = after
    expectHolds(expected, actual)
  }

  #arrange(fileSystem: SimulatedFileSystem): void {
    const { operation: failing, what } = this.#failure
    let syncs = 0
    failFrom(fileSystem, (number, operation) => {
      if (what === 'for ever') return number >= failing ? 'EIO' : undefined
      if (what !== 'sync') return number === failing ? what : undefined
      return operation.kind === 'sync' && ++syncs === Math.ceil(failing / 4) ? 'EIO' : undefined
    })
  }

  /** In doubt: refuses everything until it is opened again, here after a crash or without one. */
  #decide(expected: Expected, actual: Actual, allowed: readonly DatabaseModel[]): void {
    const { seed } = this.#failure
    const { database } = actual
    const { fileSystem } = database
    try {
      expect(() => database.describe()).toThrow()
      expect(() => database.store.checkpoint()).toThrow()
      database.close()
    } catch (error) {
      // A database that failed to reopen is not open.
      if (isMillraceError(error) && error.code !== 'MILLRACE_IN_DOUBT') throw error
    }
    expect(fileSystem.openFiles).toBe(0)
    const image = seed % 2 === 0 ? fileSystem.afterKill() : fileSystem.crash(crashModes[seed % 4]!, seed)
    goOnWith(image, expected, actual, allowed)
  }

  toString(): string {
    return `fail${textOf(this.#failure)}`
  }
}

/** The disk has room for so many bytes more, until the action has ended. */
class FullDisk implements Command {
  readonly #action: Action
  readonly #roomBytes: number

  constructor(action: Action, roomBytes: number) {
    this.#action = action
    this.#roomBytes = roomBytes
  }

  check(): boolean {
    return this.#action.kind !== 'reopen'
  }

  async run(expected: Expected, actual: Actual): Promise<void> {
    const before = expected.database
    const { model: after, outcomes } = perform(before, this.#action)
    const { database } = actual
    const { fileSystem } = database
    fileSystem.capacityBytes = fileSystem.usedBytes + this.#roomBytes
    try {
      expect(await database.perform(before, this.#action)).toEqual(outcomes)
      expected.database = after
    } catch (error) {
      expect(error).toMatchObject({ code: 'MILLRACE_DISK_FULL' })
    }
    expectHolds(expected, actual)
    fileSystem.capacityBytes = Number.POSITIVE_INFINITY
    if (expected.database === after) return
    expect(await database.perform(before, this.#action)).toEqual(outcomes)
    expected.database = after
    expectHolds(expected, actual)
  }

  toString(): string {
    return `fullDisk${textOf([this.#roomBytes, this.#action])}`
  }
}

const operation = fc.integer({ min: 1, max: 24 })
const seed = fc.nat({ max: 0xffff })

const crash: fc.Arbitrary<Crash> = fc.record({
  action: databaseAction,
  operation,
  how: fc.constantFrom(...crashModes, 'kill' as const),
  seed,
  again: fc.array(operation, { maxLength: 2 }),
})

const failure: fc.Arbitrary<Failure> = fc.record({
  action: databaseAction,
  operation,
  what: fc.constantFrom(
    'EIO' as const,
    'ENOSPC' as const,
    'EMFILE' as const,
    'sync' as const,
    'for ever' as const,
  ),
  seed,
})

const roomBytes = fc.constantFrom(0, 512, 1024, 4096, 12_288, 65_536)

const commands: fc.Arbitrary<Command>[] = [
  ...Array.from({ length: 6 }, () => databaseAction.map((action) => new Do(action))),
  ...Array.from({ length: 3 }, () => crash.map((each) => new CrashIn(each))),
  ...Array.from({ length: 2 }, () => failure.map((each) => new FailIn(each))),
  fc.tuple(databaseAction, roomBytes).map(([action, bytes]) => new FullDisk(action, bytes)),
]

async function runCommands(list: Iterable<Command>): Promise<void> {
  const expected: Expected = { database: emptyDatabase }
  const actual: Actual = { database: new SimulatedDatabase(new SimulatedFileSystem()) }
  actual.database.open()
  for (const action of firstActions) await new Do(action).run(expected, actual)
  await fc.asyncModelRun(() => ({ model: expected, real: actual }), list)
  actual.database.close()
  const { fileSystem } = actual.database
  expect(fileSystem.openFiles).toBe(0)
  expect(fileSystem.paths).toEqual([actual.database.path])
  goOnWith(fileSystem, expected, actual, [expected.database])
  actual.database.close()
}

describe('a database', () => {
  it('holds what a plain model holds, through crashes, failures and full disks', async () => {
    await torture(40, async ({ random }) => {
      const property = fc.asyncProperty(fc.commands(commands, { maxCommands: 30 }), runCommands)
      await fc.assert(property, { seed: random.below(2 ** 31), numRuns: 3 })
    })
  })

  it.each([
    ['of the data file', ({ kind, path }: Operation) => kind === 'sync' && path.endsWith('.mill')],
    ['of the log', ({ kind, path }: Operation) => kind === 'sync' && path.endsWith('-wal')],
  ])('is told from one that forgets its syncs: %s', async (_, forgotten) => {
    const crashes = fc.commands([crash.map((each) => new CrashIn(each, forgotten))], { maxCommands: 30 })
    const details = await fc.check(fc.asyncProperty(crashes, runCommands), {
      seed: 1,
      numRuns: 200,
      endOnFailure: true,
    })
    expect(details.failed).toBe(true)
  })
})
