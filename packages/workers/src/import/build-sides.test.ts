import type { CsrSide, CsrSidePlan, CsrUnit } from '@millrace/core/internal'
import { MemoryBudget } from '@millrace/core/internal'
import { describe, expect, test } from 'vitest'
import { beginTask, LoadControl, SlotPool } from '../batch/index.js'
import type { BuildOutcome, BuildTask, ParseJob } from '../threads/index.js'
import { type BuildParts, buildSides } from './build-sides.js'

const side: CsrSide = {
  direction: 'forward',
  types: [],
  emitTo: null,
  heapBytesMax: 1,
  blocks: new SharedArrayBuffer(0),
  blockBytes: 1,
  file: null,
}

function unitOf(index: number, memoryBytes: number): CsrUnit {
  const extents = { places: [], lengths: [], bytes: 0 }
  const nodes = { firstPartition: index, endPartition: index + 1, firstNode: index, nodes: 1 }
  return { index, ...nodes, rows: 1, firstPosition: index, rowGroupRows: 1, memoryBytes, extents }
}

const built: BuildOutcome = { built: { pages: 1, rowGroups: [], chunkBytes: 0 }, buildMs: 2 }

/** A load of two sides with `count` units each, whose writer notes what it is asked to do. */
class Load {
  readonly calls: string[] = []
  readonly slots = new SlotPool(3, 64, new MemoryBudget(1 << 20))
  readonly control = new LoadControl(3)
  readonly aborting = new AbortController()
  running = 0
  runningMost = 0
  failOn = ''
  readonly #plans: CsrSidePlan[]

  constructor(count: number) {
    const units = Array.from({ length: count }, (_, index) => unitOf(index, index === 4 ? 1000 : 10))
    this.#plans = [
      { side, units },
      { side: { ...side, direction: 'backward' }, units },
    ]
  }

  get parts(): BuildParts {
    const job = { workerBytes: 100 } as ParseJob
    const writer = { call: (name: string, ...parameters: unknown[]) => this.#call(name, parameters) }
    const runTask = (task: BuildTask) => this.run(task)
    return {
      job,
      slots: this.slots,
      control: this.control,
      writer: writer as BuildParts['writer'],
      runTask,
      signal: this.aborting.signal,
    }
  }

  /** Later units are done sooner; unit 2 does not fit. */
  async run({ unit, slot, number }: BuildTask): Promise<BuildOutcome> {
    beginTask(this.control.words, slot, number)
    expect(slot).toBeGreaterThanOrEqual(0)
    this.running++
    this.runningMost = Math.max(this.runningMost, this.running)
    await new Promise((resolve) => setTimeout(resolve, 6 - (unit.index % 3) * 2))
    this.running--
    if (this.failOn === `task ${unit.index}`) throw new Error('the worker died')
    return unit.index === 2 ? { built: null, buildMs: 1 } : built
  }

  async #call(name: string, parameters: unknown[]): Promise<unknown> {
    if (name === 'beginSide') return this.#plans.shift() ?? null
    const call = `${name} ${parameters[0]}`
    this.calls.push(call)
    if (this.failOn === call) throw new Error('the disk is full')
    return null
  }
}

const side6 = ['placeUnit 0', 'placeUnit 1', 'buildUnit 2', 'placeUnit 3', 'buildUnit 4', 'placeUnit 5']

describe('building both sides', () => {
  test('places units in order, whoever is done first; the writer builds those that no worker could', async () => {
    const load = new Load(6)
    const workersMs = 2 * (2 + 2 + 1 + 2 + 0 + 2)
    expect(await buildSides(load.parts)).toBeGreaterThan(workersMs)
    expect(load.calls).toEqual([...side6, ...side6])
    expect(load.runningMost).toBeGreaterThan(1)
    expect(load.runningMost).toBeLessThanOrEqual(3)
    expect(load.slots.freeCount).toBe(3)
  })

  test('without workers the writer builds everything', async () => {
    const load = new Load(3)
    await buildSides({ ...load.parts, runTask: null })
    const all = ['buildUnit 0', 'buildUnit 1', 'buildUnit 2']
    expect(load.calls).toEqual([...all, ...all])
    expect(load.slots.freeCount).toBe(3)
  })

  test.each(['task 1', 'task 5', 'placeUnit 3', 'buildUnit 2'])(
    'fails as %s does, and leaves nothing running',
    async (what) => {
      const load = new Load(9)
      load.failOn = what
      await expect(buildSides(load.parts)).rejects.toThrow(/the worker died|the disk is full/)
      expect(load.running).toBe(0)
      expect(load.slots.freeCount).toBe(3)
      expect(load.calls.length).toBeLessThan(7)
      expect(load.calls).not.toContain('placeUnit 6')
    },
  )

  test('stops when it is aborted, with the reason', async () => {
    const load = new Load(500)
    const reason = new Error('enough')
    setTimeout(() => load.aborting.abort(reason), 20)
    await expect(buildSides(load.parts)).rejects.toBe(reason)
    expect(load.running).toBe(0)
    expect(load.slots.freeCount).toBe(3)
    expect(load.calls.length).toBeLessThan(400)
  })
})
