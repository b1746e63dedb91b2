/** The workload that the crash and fault tests repeat, and how they judge what is left of it. */
import { pageBytes } from '@millrace/core/internal'
import {
  describeState,
  type FabricatedColumn,
  type ModelState,
  readState,
  type SimulatedFileSystem,
  type Step,
  StoreModel,
  stateAfter,
  visibleState,
} from '@millrace/testing'
import { vi } from 'vitest'

/** Multiplies the seeds of the sweeps. The quick dose is 1. */
export const dose = Number(process.env.MILLRACE_TEST_DOSE ?? 1)

vi.setConfig({ testTimeout: 300_000 * dose })

const content = (seed: number, contentBytes: number): FabricatedColumn => ({ seed, contentBytes })

/** More pages than have their checksums in the parent, so that checksum pages are written too. */
const manyPages = 18 * pageBytes + 77

export const workload: readonly Step[] = [
  { kind: 'open' },
  { kind: 'create', table: 'A' },
  { kind: 'append', table: 'A', columns: [content(1, 3 * pageBytes), content(2, pageBytes + 5)] },
  {
    kind: 'append',
    table: 'A',
    columns: [content(3, 100), content(4, manyPages)],
    index: content(5, 2 * pageBytes),
  },
  { kind: 'checkpoint' },
  { kind: 'create', table: 'B' },
  {
    kind: 'append',
    table: 'B',
    columns: [content(6, 10), content(7, 700)],
    index: content(8, pageBytes),
    progress: 100,
    startsSync: true,
  },
  { kind: 'abandon', content: content(9, 2 * pageBytes), startsSync: true },
  { kind: 'drop', table: 'A' },
  {
    kind: 'append',
    table: 'B',
    columns: [content(10, 2 * pageBytes), content(11, 1)],
    index: content(12, 2 * pageBytes),
    progress: 200,
  },
  { kind: 'checkpoint' },
  // Reuses the pages of A and of the replaced index.
  {
    kind: 'append',
    table: 'B',
    columns: [content(13, manyPages), content(14, 5 * pageBytes)],
    progress: 300,
  },
  { kind: 'record', table: 'B', progress: 'ended' },
  { kind: 'close' },
  { kind: 'open' },
  { kind: 'create', table: 'C' },
  { kind: 'drop', table: 'B' },
  { kind: 'append', table: 'C', columns: [content(15, 4 * pageBytes), content(16, 4000)] },
  { kind: 'close' },
]

/** `states[i]` is what the database holds before step i. */
export function statesOf(steps: readonly Step[]): ModelState[] {
  const states: ModelState[] = [new Map()]
  for (const step of steps) states.push(stateAfter(states.at(-1)!, step))
  return states
}

export interface Stopped {
  /** Steps that were completed: what they committed was acknowledged. */
  readonly completed: number
  readonly error: unknown
  readonly model: StoreModel
}

/** Does `steps` until one fails. */
export function runUntilFailure(fileSystem: SimulatedFileSystem, steps: readonly Step[]): Stopped {
  const model = new StoreModel(fileSystem)
  for (const [index, step] of steps.entries()) {
    try {
      model.do(step)
    } catch (error) {
      return { completed: index, error, model }
    }
  }
  return { completed: steps.length, error: undefined, model }
}

/** As `runUntilFailure` with the power lost before operation `number`. */
export function runUntilStop(
  fileSystem: SimulatedFileSystem,
  steps: readonly Step[],
  number: number,
): Stopped {
  fileSystem.faults = (operation) => (operation.number === number ? 'stop' : undefined)
  const stopped = runUntilFailure(fileSystem, steps)
  // The store may wrap what it meets on the way down.
  if (stopped.error !== undefined && !fileSystem.isStopped) throw stopped.error
  return stopped
}

/** What may be there after step `completed` was acknowledged and the next was in flight. */
export function allowedStates(states: readonly ModelState[], completed: number): string[] {
  const next = Math.min(completed + 1, states.length - 1)
  return [states[completed]!, states[next]!].map((state) => describeState(visibleState(state)))
}

/** Opens what is there, reads everything, closes. */
export function reopenAndDescribe(fileSystem: SimulatedFileSystem): string {
  const model = new StoreModel(fileSystem)
  const state = describeState(readState(model.open()))
  model.close()
  return state
}

/**
 * Proves that a recovered database can be worked with: a table is made, filled, checkpointed, reopened and
 * dropped.
 */
export function useAndDescribe(fileSystem: SimulatedFileSystem): string {
  const model = new StoreModel(fileSystem)
  const before = describeState(readState(model.open()))
  model.do({ kind: 'create', table: 'Probe' })
  model.do({ kind: 'append', table: 'Probe', columns: [content(90, 9000), content(91, manyPages)] })
  model.do({ kind: 'checkpoint' })
  model.do({ kind: 'append', table: 'Probe', columns: [content(92, 9000), content(93, 10)] })
  model.close()
  model.open()
  const probe = readState(model.store).get('Probe')
  if (probe?.length !== 4) throw new Error(`the probe has ${probe?.length} runs`)
  model.do({ kind: 'drop', table: 'Probe' })
  model.close()
  const after = reopenAndDescribe(fileSystem)
  if (after !== before) throw new Error(`using the database changed it from ${before} to ${after}`)
  return before
}
