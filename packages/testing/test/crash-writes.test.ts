/** Small writes, their merges and mixed changes under crashes and faults at every operation. */
import { isMillraceError, MillraceError } from '@millrace/core/internal'
import {
  crashModes,
  describeGraph,
  describeStored,
  emptyGraph,
  type GraphModel,
  type GraphStep,
  GraphUnderTest,
  type GraphWrite,
  modelAfter,
  type Operation,
  type Person,
  type Rel,
  SimulatedFileSystem,
} from '@millrace/testing'
import { describe, expect, it, vi } from 'vitest'
import { dose } from './workload.js'

vi.setConfig({ testTimeout: 300_000 * dose })

const path = '/simulated/graph.mill'

const person = (id: number, name: string | null = `person ${id}`): Person => ({
  id: BigInt(id),
  name,
  score: id / 2,
})
const createPerson = (id: number): GraphWrite => ({ kind: 'createPerson', person: person(id) })
const createCity = (name: string): GraphWrite => ({
  kind: 'createCity',
  city: { name, size: 1n, capital: false },
})

function createRel(tag: number, from: number, to: number | string): GraphWrite {
  const kind = typeof to === 'string' ? ('Lives' as const) : ('Knows' as const)
  const rel: Rel = {
    kind,
    from: BigInt(from),
    to: typeof to === 'string' ? to : BigInt(to),
    tag: BigInt(tag),
    note: 'n',
  }
  return { kind: 'createRel', rel }
}

const write = (...writes: GraphWrite[]): GraphStep => ({ kind: 'write', writes })

/** What is there before, closed cleanly. */
const before: readonly GraphStep[] = [
  { kind: 'create' },
  { kind: 'load', people: [1, 2, 3, 4, 5, 6].map((id) => person(id)) },
  write(createCity('Ulm'), createCity(''), createRel(1, 1, 2), createRel(2, 2, 1), createRel(3, 3, 'Ulm')),
]

const workload: readonly GraphStep[] = [
  write(createPerson(0), createPerson(-7), createRel(4, 0, 1)),
  write({ kind: 'setPerson', id: 2n, change: { name: 'changed' } }, { kind: 'setRel', tag: 1n, note: null }),
  { kind: 'checkpoint' },
  write({ kind: 'deletePerson', id: 1n }, createCity('Aach'), createRel(5, 0, 'Aach')),
  write({ kind: 'deleteRel', tag: 3n }, createPerson(1), createRel(6, 1, 1)),
  { kind: 'reopen' },
  write({ kind: 'rekeyPerson', id: 1n, to: 101n }, { kind: 'rekeyCity', name: 'Aach', to: 'Aachen' }),
  write({ kind: 'rekeyCity', name: 'Aachen', to: 'Aach' }),
  write({ kind: 'setPerson', id: 6n, change: { score: -1 } }, createRel(7, 6, 'Aach')),
  { kind: 'load', people: [person(20), person(19)] },
  write({ kind: 'deletePerson', id: 0n }, createRel(8, 20, 19)),
  {
    kind: 'mixed',
    before: [{ kind: 'deletePerson', id: 2n }, createPerson(2)],
    people: [person(40), person(39)],
    after: [createRel(9, 40, 2), { kind: 'setPerson', id: 39n, change: { name: null } }],
  },
  { kind: 'mixed', before: [createPerson(50)], people: [person(51)], after: [], rollback: true },
  { kind: 'checkpoint' },
  write({ kind: 'deleteCity', name: '' }, { kind: 'deletePerson', id: 19n }),
  { kind: 'close' },
]

/** More than fits into one record of the log. */
const largeWrite = write(
  ...Array.from({ length: 12 }, (_, index) => ({
    kind: 'createPerson' as const,
    person: person(100 + index, 'x'.repeat(100_000)),
  })),
)

function modelsOf(start: GraphModel, steps: readonly GraphStep[]): GraphModel[] {
  const models = [start]
  for (const step of steps) models.push(modelAfter(models.at(-1)!, step))
  return models
}

const startModel = modelsOf(emptyGraph, before).at(-1)!
const models = modelsOf(startModel, workload)
const states = models.map(describeGraph)

const startBytes = (() => {
  const graph = new GraphUnderTest(new SimulatedFileSystem())
  for (const step of before) graph.do(step)
  graph.close()
  return graph.fileSystem.readAll(path)
})()

function begin(seed: number, faults: SimulatedFileSystem['faults']): GraphUnderTest {
  const fileSystem = new SimulatedFileSystem(seed)
  fileSystem.putDurable(path, startBytes)
  fileSystem.faults = faults
  const graph = new GraphUnderTest(fileSystem)
  graph.model = startModel
  return graph
}

/** Does the workload until a step fails. */
function run(graph: GraphUnderTest, steps = workload): { completed: number; error: unknown } {
  for (const [index, step] of steps.entries()) {
    try {
      if (index === 0) graph.open()
      graph.do(step)
    } catch (error) {
      return { completed: index, error }
    }
  }
  return { completed: steps.length, error: undefined }
}

/** Opens what is there, reads and checks everything, closes. */
function reopenAndDescribe(fileSystem: SimulatedFileSystem): string {
  const graph = new GraphUnderTest(fileSystem)
  graph.open()
  const state = describeStored(graph.snapshot)
  expect(graph.problems()).toEqual([])
  graph.close()
  return state
}

function allowed(completed: number): string[] {
  return [states[completed]!, states[Math.min(completed + 1, states.length - 1)]!]
}

const dry = begin(1, () => undefined)
const dryRun = run(dry)
const operations: readonly Operation[] = dry.fileSystem.operations

const stopAt = (number: number) => (operation: Operation) =>
  operation.number === number ? ('stop' as const) : undefined

describe('small writes and their merges', () => {
  it('are what the model says when nothing goes wrong', () => {
    expect(dryRun.error).toBeUndefined()
    expect(operations.length).toBeGreaterThan(100)
    expect(dry.fileSystem.paths).toEqual([path])
    expect(reopenAndDescribe(dry.fileSystem)).toBe(states.at(-1))
  })

  it('survive a crash at any operation: what was acknowledged is there, and at most the one step in flight', () => {
    for (let number = 1; number <= operations.length + 1; number++) {
      const graph = begin(number, stopAt(number))
      const { completed } = run(graph)
      for (let seed = 0; seed < dose; seed++) {
        const mode = crashModes[(number + seed) % crashModes.length]!
        const image = graph.fileSystem.crash(mode, seed * 7919 + number)
        const where = `${mode}, operation ${number}, seed ${seed}, step ${completed}`
        expect(allowed(completed), where).toContain(reopenAndDescribe(image))
        expect(image.paths, where).toEqual([path])
      }
    }
  })

  it('of several log records survive a crash at any operation, whole or not at all', () => {
    const steps = [largeWrite]
    const whole = describeGraph(modelAfter(startModel, largeWrite))
    let found = new Set<string>()
    for (let number = 1; ; number++) {
      const graph = begin(number, stopAt(number))
      const { error } = run(graph, steps)
      const image = graph.fileSystem.crash(crashModes[number % crashModes.length]!, number)
      const state = reopenAndDescribe(image)
      expect([states[0], whole], `operation ${number}`).toContain(state)
      found = found.add(state)
      if (error === undefined) break
    }
    expect(found.size).toBe(2)
  })

  it('survive a second crash while recovery replays and merges them', () => {
    let crashes = 0
    for (let number = 3; number <= operations.length; number += Math.ceil(13 / dose)) {
      const graph = begin(number, stopAt(number))
      const { completed } = run(graph)
      const image = graph.fileSystem.crash(crashModes[number % crashModes.length]!, number)
      const decided = reopenAndDescribe(image.afterKill())
      expect(allowed(completed)).toContain(decided)
      for (let second = 1; ; second += 2) {
        const living = image.afterKill()
        living.faults = stopAt(second)
        try {
          reopenAndDescribe(living)
          break
        } catch (error) {
          if (!living.isStopped) throw error
        }
        crashes++
        const where = `operations ${number} and ${second}`
        expect(reopenAndDescribe(living.crash(crashModes[second % crashModes.length]!, second)), where).toBe(
          decided,
        )
      }
    }
    expect(crashes).toBeGreaterThan(50)
  })

  it.each(['EIO', 'ENOSPC'] as const)(
    'fail with a typed error at any operation that fails with %s, and change nothing',
    (fault) => {
      let failed = 0
      for (const { number } of operations) {
        if ((number + fault.length) % 3 >= dose) continue
        const graph = begin(number, (operation) => (operation.number === number ? fault : undefined))
        const { completed, error } = run(graph)
        const where = `operation ${number}, step ${completed}`
        if (error === undefined) continue
        failed++
        expect(error, where).toBeInstanceOf(MillraceError)
        const isClosed = ['reopen', 'close'].includes(workload[completed]!.kind)
        const isInDoubt = isMillraceError(error, 'MILLRACE_IN_DOUBT')
        if (!isClosed && !isInDoubt && completed > 0) {
          expect(describeStored(graph.freshSnapshot()), where).toBe(states[completed])
          // The same step succeeds now.
          graph.do(workload[completed]!)
          expect(describeStored(graph.snapshot), where).toBe(states[completed + 1])
        }
        closeQuietly(graph)
        graph.fileSystem.faults = () => undefined
        const found = reopenAndDescribe(graph.fileSystem)
        expect(
          isInDoubt || isClosed ? allowed(completed) : [states[completed + (completed > 0 ? 1 : 0)]],
          where,
        ).toContain(found)
        expect(graph.fileSystem.openFiles, where).toBe(0)
        expect(graph.fileSystem.paths, where).toEqual([path])
      }
      expect(failed).toBeGreaterThan(20)
    },
  )

  it('are opened for writing although there is no room to merge them, and merged when there is', () => {
    const graph = begin(1, () => undefined)
    graph.open()
    for (const step of workload.slice(0, 2)) graph.do(step)
    const killed = graph.fileSystem.afterKill()
    killed.capacityBytes = killed.usedBytes
    const reopened = new GraphUnderTest(killed)
    reopened.model = models[2]!
    reopened.open()
    expect(reopened.store.delta.isEmpty).toBe(false)
    expect(describeStored(reopened.snapshot)).toBe(states[2])
    killed.capacityBytes = Number.POSITIVE_INFINITY
    reopened.do(workload[2]!)
    expect(reopened.store.delta.isEmpty).toBe(true)
    expect(describeStored(reopened.snapshot)).toBe(states[3])
    reopened.close()
  })
})

function closeQuietly(graph: GraphUnderTest): void {
  try {
    graph.close()
  } catch {
    // What is left of it is looked at by opening it again.
  }
}
