import { isMillraceError, MillraceError, pageBytes } from '@millrace/core/internal'
import {
  crashModes,
  describeState,
  type Fault,
  type Look,
  type Operation,
  readState,
  SimulatedFileSystem,
  type Step,
  StoreModel,
  visibleState,
} from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import {
  allowedStates,
  reopenAndDescribe,
  runUntilFailure,
  statesOf,
  useAndDescribe,
  workload,
} from './workload.js'

const states = statesOf(workload)
const finalState = describeState(visibleState(states.at(-1)!))

const dry = new SimulatedFileSystem()
runUntilFailure(dry, workload)
const operations = dry.operations

function failOnce(number: number, fault: Fault): (operation: Operation) => Fault | undefined {
  return (operation) => (operation.number === number ? fault : undefined)
}

/**
 * Does the workload until the power is lost or something is in doubt. A step that fails otherwise is done
 * again, but for closing (it has closed) and checkpoints (the work goes on without).
 */
function persist(model: StoreModel): { readonly failures: MillraceError[]; readonly completed: number } {
  const failures: MillraceError[] = []
  for (const [completed, step] of workload.entries()) {
    try {
      try {
        model.do(step)
      } catch (error) {
        expect(error).toBeInstanceOf(MillraceError)
        failures.push(error as MillraceError)
        if (isMillraceError(error, 'MILLRACE_IN_DOUBT') || model.fileSystem.isStopped) throw error
        if (step.kind !== 'close' && step.kind !== 'checkpoint') model.do(step)
      }
    } catch (error) {
      if (!isMillraceError(error, 'MILLRACE_IN_DOUBT') && !model.fileSystem.isStopped) throw error
      if (!model.fileSystem.isStopped) model.close()
      return { failures, completed }
    }
  }
  return { failures, completed: workload.length }
}

describe.each(['EIO', 'ENOSPC', 'EMFILE'] as const)('an operation that fails once with %s', (fault) => {
  it('is a typed error that changes nothing; the step can be done again', () => {
    let failed = 0
    for (const { number, kind } of operations) {
      if (kind === 'sync' || kind === 'syncDirectory') continue
      const fileSystem = new SimulatedFileSystem(number)
      fileSystem.faults = failOnce(number, fault)
      const { failures } = persist(new StoreModel(fileSystem))
      failed += failures.length
      for (const failure of failures) {
        expect(['MILLRACE_IO', 'MILLRACE_DISK_FULL', 'MILLRACE_IN_DOUBT']).toContain(failure.code)
        expect(failure.message).toContain('/simulated/graph.mill')
      }
      if (!failures.some((failure) => failure.code === 'MILLRACE_IN_DOUBT')) {
        expect(reopenAndDescribe(fileSystem), `operation ${number}, ${kind}`).toBe(finalState)
        expect(fileSystem.paths).toEqual(['/simulated/graph.mill'])
      }
      expect(fileSystem.openFiles, `operation ${number}, ${kind}`).toBe(0)
    }
    expect(failed).toBeGreaterThan(20)
  })
})

describe('a call that only looks (reads, sizes, names) and fails once', () => {
  const looks: Look[] = []
  const watched = new SimulatedFileSystem()
  watched.lookFaults = (look) => {
    looks.push(look)
    return undefined
  }
  runUntilFailure(watched, workload)

  it.each(['EIO', 'EINTR'] as const)('is a typed error that changes nothing: %s', (fault) => {
    let failed = 0
    for (const { number, kind } of looks) {
      const fileSystem = new SimulatedFileSystem(number)
      fileSystem.lookFaults = (look) => (look.number === number ? fault : undefined)
      const { failures } = persist(new StoreModel(fileSystem))
      failed += failures.length
      for (const failure of failures) expect(failure.code, `look ${number}, ${kind}`).toBe('MILLRACE_IO')
      expect(fileSystem.openFiles, `look ${number}, ${kind}`).toBe(0)
      expect(reopenAndDescribe(fileSystem), `look ${number}, ${kind}`).toBe(finalState)
      expect(fileSystem.paths).toEqual(['/simulated/graph.mill'])
    }
    expect(failed).toBeGreaterThan(10)
  })
})

describe('a write that fails and is reported as not committed', () => {
  const writes = operations.filter(({ kind }) => kind === 'write' || kind === 'truncate')

  it('does not come back after a crash', () => {
    let checked = 0
    for (const { number } of writes) {
      for (let seed = 1; seed <= 3; seed++) {
        const fileSystem = new SimulatedFileSystem(number * 10 + seed)
        fileSystem.faults = failOnce(number, 'EIO')
        const { completed, error } = runUntilFailure(fileSystem, workload)
        if (error === undefined || isMillraceError(error, 'MILLRACE_IN_DOUBT')) continue
        for (const mode of crashModes) {
          const found = reopenAndDescribe(fileSystem.crash(mode, number))
          expect(found, `${mode}, operation ${number}`).toBe(describeState(visibleState(states[completed]!)))
          checked++
        }
      }
    }
    expect(checked).toBeGreaterThan(50)
  })

  it('followed by a crash some operations later loses nothing that was acknowledged', () => {
    for (const { number } of writes) {
      for (let later = 1; later <= 25; later += 3) {
        const fileSystem = new SimulatedFileSystem(number)
        fileSystem.faults = (operation) => {
          if (operation.number === number + later) return 'stop'
          return operation.number === number ? 'EIO' : undefined
        }
        const model = new StoreModel(fileSystem)
        const completed = persist(model).completed
        const allowed = allowedStates(states, completed)
        for (const mode of crashModes) {
          const found = reopenAndDescribe(fileSystem.crash(mode, number + later))
          expect(allowed, `${mode}, operation ${number}, then ${later} more`).toContain(found)
        }
      }
    }
  })
})

describe('a device that fails for ever from some operation on', () => {
  it('gives typed errors, and what was acknowledged is there when it works again', () => {
    for (const { number } of operations) {
      const fileSystem = new SimulatedFileSystem(number)
      fileSystem.faults = (operation) => (operation.number >= number ? 'EIO' : undefined)
      const { completed, error, model } = runUntilFailure(fileSystem, workload)
      expect(error).toBeInstanceOf(MillraceError)
      const allowed = allowedStates(states, completed)
      try {
        model.close()
      } catch (failure) {
        expect(failure).toBeInstanceOf(MillraceError)
      }
      expect(fileSystem.openFiles).toBe(0)
      fileSystem.faults = () => undefined
      for (const mode of crashModes) {
        expect(allowed, `${mode}, operation ${number}`).toContain(
          reopenAndDescribe(fileSystem.crash(mode, number)),
        )
      }
      expect(allowed, `operation ${number}`).toContain(useAndDescribe(fileSystem))
    }
  })
})

describe('a sync that fails', () => {
  const syncs = operations.filter(({ kind }) => kind === 'sync' || kind === 'syncDirectory')

  /** Steps done by then, and what the step in flight threw. */
  function failSync(number: number) {
    const fileSystem = new SimulatedFileSystem(number)
    fileSystem.faults = failOnce(number, 'EIO')
    return { fileSystem, ...runUntilFailure(fileSystem, workload) }
  }

  it('leaves the commit or checkpoint in doubt', () => {
    let inDoubt = 0
    for (const { number } of syncs) {
      const { completed, error } = failSync(number)
      // One that was started early for a load that was given up shows in what is committed next.
      const step = workload[completed]!
      const expected = step.kind === 'open' ? 'MILLRACE_IO' : 'MILLRACE_IN_DOUBT'
      expect(isMillraceError(error, expected), `sync ${number} in ${step.kind}: ${error}`).toBe(true)
      if (expected === 'MILLRACE_IN_DOUBT') inDoubt++
    }
    expect(inDoubt).toBeGreaterThan(20)
  })

  it('is fatal for the open store: it refuses reads and writes until it is closed', () => {
    for (const { number } of syncs) {
      const { completed, model } = failSync(number)
      if (workload[completed]!.kind === 'open' || workload[completed]!.kind === 'close') continue
      const { store } = model
      const refused = [
        () => store.catalog,
        () => store.allocate(1),
        () => store.writePages(2, new Uint8Array(pageBytes)),
        () => store.commit({ kind: 'dropTable', tableId: 1 }),
        () => store.checkpoint(),
      ]
      for (const action of refused)
        expect(action).toThrow(expect.objectContaining({ code: 'MILLRACE_IN_DOUBT' }))
      model.close()
      expect(() => store.catalog).toThrow(expect.objectContaining({ code: 'MILLRACE_CLOSED' }))
    }
  })

  it('is decided by the next open: old or new, never a mixture', () => {
    for (const { number } of syncs) {
      const { fileSystem, completed, model } = failSync(number)
      const allowed = allowedStates(states, completed)
      model.close()
      expect(fileSystem.openFiles).toBe(0)
      for (const mode of crashModes) {
        for (let seed = 1; seed <= 3; seed++) {
          const image = fileSystem.crash(mode, number * 10 + seed)
          expect(allowed, `${mode}, sync ${number}, seed ${seed}`).toContain(useAndDescribe(image))
        }
      }
      expect(allowed, `sync ${number}`).toContain(reopenAndDescribe(fileSystem))
    }
  })
})

describe('a full disk', () => {
  const big: Step = {
    kind: 'append',
    table: 'A',
    columns: [
      { seed: 1, contentBytes: 40 * pageBytes },
      { seed: 2, contentBytes: 40 * pageBytes },
    ],
  }

  it('fails the load with the file and the bytes needed, and leaves a store that works', () => {
    const fileSystem = new SimulatedFileSystem()
    const model = new StoreModel(fileSystem)
    model.open()
    model.do({ kind: 'create', table: 'A' })
    fileSystem.capacityBytes = fileSystem.usedBytes + 50 * pageBytes
    expect(() => model.do(big)).toThrow(
      expect.objectContaining({
        code: 'MILLRACE_DISK_FULL',
        details: expect.objectContaining({ file: '/simulated/graph.mill', needed: 41 * pageBytes }),
      }),
    )
    fileSystem.capacityBytes = Number.POSITIVE_INFINITY
    model.do(big)
    const state = describeState(readState(model.store))
    model.close()
    expect(reopenAndDescribe(fileSystem)).toBe(state)
    expect(state).toContain(`A(${40 * pageBytes}:`)
  })

  it('gives the space of the failed load back at the next open', () => {
    const fileSystem = new SimulatedFileSystem()
    const model = new StoreModel(fileSystem)
    model.open()
    model.do({ kind: 'create', table: 'A' })
    fileSystem.capacityBytes = fileSystem.usedBytes + 50 * pageBytes
    expect(() => model.do(big)).toThrow()
    fileSystem.capacityBytes = Number.POSITIVE_INFINITY
    model.close()
    model.open()
    const before = fileSystem.readAll(model.path).length
    expect(model.store.freePages).toBeGreaterThanOrEqual(82)
    model.do(big)
    expect(fileSystem.readAll(model.path).length).toBe(before)
    model.close()
  })
})
