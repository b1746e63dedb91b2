import {
  crashModes,
  describeState,
  type Operation,
  readState,
  SimulatedFileSystem,
  type Step,
  StoreModel,
} from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import {
  allowedStates,
  dose,
  reopenAndDescribe,
  runUntilFailure,
  runUntilStop,
  statesOf,
  useAndDescribe,
  workload,
} from './workload.js'

const states = statesOf(workload)

function operationsOfWorkload(): number {
  const fileSystem = new SimulatedFileSystem()
  const { error } = runUntilFailure(fileSystem, workload)
  if (error !== undefined) throw error
  expect(fileSystem.openFiles).toBe(0)
  expect(fileSystem.paths).toEqual(['/simulated/graph.mill'])
  return fileSystem.operations.length
}

const operations = operationsOfWorkload()

describe('a crash', () => {
  it('is survived by the workload itself, run without one', () => {
    expect(operations).toBeGreaterThan(60)
    expect(states.some((state) => state.size === 2)).toBe(true)
  })

  it.each(crashModes)(
    'at any operation leaves what was acknowledged, and at most the one step in flight (%s)',
    (mode) => {
      for (let number = 1; number <= operations + 1; number++) {
        const fileSystem = new SimulatedFileSystem(number)
        const { completed } = runUntilStop(fileSystem, workload, number)
        const allowed = allowedStates(states, completed)
        for (let seed = 0; seed < 4 * dose; seed++) {
          const image = fileSystem.crash(mode, seed * 7919 + number)
          const where = `${mode}, operation ${number}, seed ${seed}, step ${completed}`
          expect(allowed, where).toContain(reopenAndDescribe(image))
          expect(image.openFiles, where).toBe(0)
        }
      }
    },
  )

  it('leaves a database that can be worked with', () => {
    for (let number = 1; number <= operations + 1; number += 2) {
      const fileSystem = new SimulatedFileSystem(number)
      const { completed } = runUntilStop(fileSystem, workload, number)
      const mode = crashModes[number % crashModes.length]!
      const image = fileSystem.crash(mode, number)
      const where = `${mode}, operation ${number}, step ${completed}`
      expect(allowedStates(states, completed), where).toContain(useAndDescribe(image))
      expect(image.paths, where).toEqual(['/simulated/graph.mill'])
    }
  })

  it('of the process alone, at any operation, loses nothing that was acknowledged', () => {
    for (let number = 1; number <= operations + 1; number++) {
      const fileSystem = new SimulatedFileSystem(number)
      const { completed } = runUntilStop(fileSystem, workload, number)
      const where = `operation ${number}, step ${completed}`
      expect(allowedStates(states, completed), where).toContain(reopenAndDescribe(fileSystem.afterKill()))
    }
  })

  it('soon after the process was killed and started again loses nothing that was shown', () => {
    for (let number = 1; number <= operations + 1; number++) {
      const fileSystem = new SimulatedFileSystem(number)
      runUntilStop(fileSystem, workload, number)
      const restarted = fileSystem.afterKill()
      const model = new StoreModel(restarted)
      const shown = describeState(readState(model.open()))
      for (const mode of crashModes) {
        const image = restarted.crash(mode, number)
        expect(reopenAndDescribe(image), `${mode}, operation ${number}`).toBe(shown)
      }
    }
  })
})

/** What is done with a recovered database until the power fails again: one more table, and a checkpoint. */
const secondLife: readonly Step[] = [
  { kind: 'open' },
  { kind: 'create', table: 'Later' },
  { kind: 'checkpoint' },
  { kind: 'close' },
]

function describeWithLater(state: string): string {
  return state === '(no tables)' ? 'Later()' : `${state} Later()`
}

describe('a crash during recovery or soon after it', () => {
  it('leaves the same state, and so does a crash during the recovery from that', () => {
    let crashes = 0
    for (let number = 1; number <= operations; number++) {
      const first = new SimulatedFileSystem(number)
      const { completed } = runUntilStop(first, workload, number)
      const mode = crashModes[number % crashModes.length]!
      const image = first.crash(mode, number)
      const before = reopenAndDescribe(image.afterKill())
      expect(allowedStates(states, completed)).toContain(before)
      for (let second = 1; ; second++) {
        const living = image.afterKill()
        const { completed: steps, error } = runUntilStop(living, secondLife, second)
        if (error === undefined) break
        crashes++
        const crashed = living.crash(
          crashModes[(number + second) % crashModes.length]!,
          number * 1000 + second,
        )
        const third = 1 + ((number * 31 + second) % 8)
        const again = crashed.afterKill()
        runUntilStop(again, [{ kind: 'open' }, { kind: 'close' }], third)
        const where = `${mode}, operations ${number}, ${second}, ${third}`
        const decided = reopenAndDescribe(crashed)
        const after = describeWithLater(before)
        expect([steps < 2 ? before : after, after], where).toContain(decided)
        expect(reopenAndDescribe(again.crash('subset', second)), where).toBe(decided)
      }
    }
    expect(crashes).toBeGreaterThan(operations)
  })
})

describe('a sync that is forgotten', () => {
  const database = '/simulated/graph.mill'
  const forgotten: Record<string, (operation: Operation) => boolean> = {
    'of the data file': ({ kind, path }) => kind === 'sync' && path === database,
    'of the log': ({ kind, path }) => kind === 'sync' && path === `${database}-wal`,
    'of the directory': ({ kind }) => kind === 'syncDirectory',
  }

  it.each(Object.keys(forgotten))('%s is noticed by these tests', (which) => {
    let violations = 0
    for (let number = 1; number <= operations + 1; number++) {
      const fileSystem = new SimulatedFileSystem(number)
      fileSystem.faults = (operation) => {
        if (operation.number === number) return 'stop'
        return forgotten[which]!(operation) ? 'skip' : undefined
      }
      const { completed } = runUntilFailure(fileSystem, workload)
      const allowed = allowedStates(states, completed)
      try {
        if (!allowed.includes(reopenAndDescribe(fileSystem.crash('subset', number)))) violations++
      } catch {
        violations++
      }
    }
    expect(violations).toBeGreaterThan(0)
  })
})
