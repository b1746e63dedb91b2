/**
 * Goes through a pipeline from its end and finds which slots each step must carry on, and which it need not
 * make at all.
 */
import type { PropertyRead, Step, TypedSlot } from './plan.js'
import { slotsOf } from './references.js'

/** A step as the builder makes it: whatever it could give, given. */
export interface PrunedSteps {
  readonly steps: Step[]
  /** Slots that must be there before the first step. */
  readonly before: Set<number>
}

function without(slots: ReadonlySet<number>, made: readonly (number | null)[]): Set<number> {
  const rest = new Set(slots)
  for (const slot of made) if (slot !== null) rest.delete(slot)
  return rest
}

function usedReads(reads: readonly PropertyRead[], live: ReadonlySet<number>): PropertyRead[] {
  return reads.filter(({ slot }) => live.has(slot))
}

/**
 * `steps` without what nobody needs, when `after` is needed behind them. `types` tells the type of each slot.
 */
export function pruneSteps(
  steps: readonly Step[],
  after: ReadonlySet<number>,
  types: ReadonlyMap<number, TypedSlot['type']>,
): PrunedSteps {
  const kept: Step[] = []
  let live = new Set(after)
  for (const step of steps.toReversed()) {
    const pruned = pruneStep(step, live, types)
    live = pruned.live
    if (pruned.step !== null) kept.push(pruned.step)
  }
  return { steps: kept.reverse(), before: live }
}

function pruneStep(
  step: Step,
  live: Set<number>,
  types: ReadonlyMap<number, TypedSlot['type']>,
): { step: Step | null; live: Set<number> } {
  switch (step.kind) {
    case 'adopt': {
      const rest = without(live, [step.slot])
      return { step: { ...step, live: [...rest] }, live: new Set([...rest, step.from]) }
    }
    case 'scan': {
      const rest = without(live, [step.slot])
      const slot = step.slot !== null && live.has(step.slot) ? step.slot : null
      return { step: { ...step, slot, live: [...rest] }, live: rest }
    }
    case 'lookup': {
      const rest = without(live, [step.slot])
      return { step: { ...step, live: [...rest] }, live: new Set([...rest, ...slotsOf(step.key)]) }
    }
    case 'expand': {
      const reads = usedReads(step.reads, live)
      const neighbour = step.neighbour !== null && live.has(step.neighbour) ? step.neighbour : null
      const rel = step.rel !== null && live.has(step.rel) ? step.rel : null
      const rest = without(live, [step.neighbour, step.rel, ...step.reads.map(({ slot }) => slot)])
      return {
        step: { ...step, reads, neighbour, rel, live: [...rest] },
        live: new Set([...rest, step.from]),
      }
    }
    case 'nodeProperties':
    case 'relProperties': {
      const reads = usedReads(step.reads, live)
      if (reads.length === 0) return { step: null, live }
      const rest = without(
        live,
        reads.map(({ slot }) => slot),
      )
      rest.add(step.from)
      return { step: { ...step, reads }, live: rest }
    }
    case 'filter':
      return { step: { ...step, live: [...live] }, live: new Set([...live, ...slotsOf(step.condition)]) }
    case 'join': {
      const made = slotsMadeBy(step.build)
      const keptSlots = [...live].filter((slot) => made.has(slot))
      const kept = keptSlots.map((slot) => ({ slot, type: types.get(slot) ?? 'INT64' }) as const)
      const rest = new Set([...live].filter((slot) => !made.has(slot)))
      const build = pruneSteps(step.build, new Set([...keptSlots, ...step.buildKeys.flatMap(slotsOf)]), types)
      return {
        step: { ...step, kept, build: build.steps, live: [...rest] },
        live: new Set([...rest, ...step.probeKeys.flatMap(slotsOf)]),
      }
    }
  }
}

/** Slots that steps bring into being. */
export function slotsMadeBy(steps: readonly Step[]): Set<number> {
  const made = new Set<number>()
  const add = (slot: number | null): void => {
    if (slot !== null) made.add(slot)
  }
  for (const step of steps) {
    if (step.kind === 'scan' || step.kind === 'lookup' || step.kind === 'adopt') add(step.slot)
    if (step.kind === 'expand') {
      add(step.neighbour)
      add(step.rel)
    }
    if (step.kind === 'expand' || step.kind === 'nodeProperties' || step.kind === 'relProperties') {
      for (const { slot } of step.reads) add(slot)
    }
    if (step.kind === 'join') for (const slot of slotsMadeBy(step.build)) add(slot)
  }
  return made
}
