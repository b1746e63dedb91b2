/**
 * A sync fails, the process ends, and the machine runs on: what the next process reads may be in the page
 * cache alone, clean, never to be written. Then the power is lost.
 */
import { isMillraceError } from '@millrace/core/internal'
import {
  crashModes,
  describeState,
  readState,
  SimulatedFileSystem,
  type Step,
  StoreModel,
} from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { allowedStates, dose, reopenAndDescribe, runUntilFailure, statesOf, workload } from './workload.js'

const states = statesOf(workload)

/** What the next process does, until the power is lost: a commit, and two checkpoints. */
const nextLife: readonly Step[] = [
  { kind: 'open' },
  { kind: 'create', table: 'Later' },
  { kind: 'checkpoint' },
  { kind: 'create', table: 'Last' },
  { kind: 'close' },
]

/** The state with the tables that the first `steps` steps of the next life make. */
function withNextLife(state: string, steps: number): string {
  const made = [...(steps > 1 ? ['Later'] : []), ...(steps > 3 ? ['Last'] : [])]
  const tables = state === '(no tables)' ? [] : state.split(/(?<=\)) /)
  return [...tables, ...made.map((name) => `${name}()`)].sort().join(' ') || '(no tables)'
}

/** Runs the workload with a sync that fails; null when it has fewer syncs. */
function failSync(number: number): { fileSystem: SimulatedFileSystem; allowed: string[] } | null {
  const fileSystem = new SimulatedFileSystem(number)
  let syncs = 0
  fileSystem.faults = ({ kind }) => (kind === 'sync' && ++syncs === number ? 'EIO' : undefined)
  const { completed, error, model } = runUntilFailure(fileSystem, workload)
  if (error === undefined) return null
  try {
    model.close()
  } catch (failure) {
    if (!isMillraceError(failure)) throw failure
  }
  return { fileSystem, allowed: allowedStates(states, completed) }
}

/** What an open shows, and how many operations it takes: nothing is closed. */
function shownBy(fileSystem: SimulatedFileSystem): { shown: string; openOperations: number } {
  const shown = describeState(readState(new StoreModel(fileSystem).open()))
  return { shown, openOperations: fileSystem.operations.length }
}

describe('after a sync that failed, and a restart of the process alone,', () => {
  it('what is shown stays, and the power may be lost at any operation', () => {
    let crashes = 0
    for (let number = 1; ; number++) {
      const failed = failSync(number)
      if (failed === null) break
      const { fileSystem, allowed } = failed
      const { shown, openOperations } = shownBy(fileSystem.afterKill())
      expect(allowed, `sync ${number}`).toContain(shown)
      for (let operation = 1; ; operation++) {
        const next = fileSystem.afterKill()
        next.faults = (each) => (each.number === operation ? 'stop' : undefined)
        const { completed: steps, error } = runUntilFailure(next, nextLife)
        // An open goes on where its checkpoint fails, whatever the reason: it has shown nothing then.
        const completed = operation <= openOperations ? 0 : steps
        if (error === undefined) break
        if (!next.isStopped) throw error
        crashes++
        const possible = (completed === 0 ? allowed : [shown]).flatMap((state) => [
          withNextLife(state, completed),
          withNextLife(state, completed + 1),
        ])
        for (let seed = 0; seed < dose; seed++) {
          const mode = crashModes[(number + operation + seed) % crashModes.length]!
          const image = next.crash(mode, number * 7919 + operation * 31 + seed)
          const where = `sync ${number}, operation ${operation}, ${mode}, seed ${seed}, step ${completed}`
          expect(possible, where).toContain(reopenAndDescribe(image))
        }
      }
    }
    expect(crashes).toBeGreaterThan(500)
  })
})
