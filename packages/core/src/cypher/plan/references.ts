/** Which nodes and relationships an expression needs. */
import type { EntityReference, Expr } from '../expression/expression.js'
import { walk } from '../expression/expression.js'

/** An entity as a key of sets: `node0`, `rel2`. */
export function entityKey(entity: EntityReference): string {
  return `${entity.of}${entity.index}`
}

/** The key that stands for all columns of the part before. */
export const inputKey = 'input'

/** Keys of the entities that `expr`, not lowered yet, refers to. */
export function referencesOf(expr: Expr): ReadonlySet<string> {
  const found = new Set<string>()
  walk(expr, (part) => {
    if (part.kind === 'property' || part.kind === 'entity') found.add(entityKey(part.entity))
    if (part.kind === 'slot') found.add(inputKey)
  })
  return found
}

/** Slots that a lowered expression reads. */
export function slotsOf(expr: Expr): number[] {
  const slots: number[] = []
  walk(expr, (part) => {
    if (part.kind === 'slot') slots.push(part.slot)
  })
  return slots
}
