/**
 * What a database holds at one moment: the catalog with its segments, and the delta above them. Committed
 * changes lead from one state to the next, in the same way on every thread and in recovery.
 */
import { applyChange, type Catalog, type CatalogChange } from '../catalog/index.js'
import { MillraceError } from '../errors/index.js'
import { Delta, WriteCheck } from './delta.js'
import { decodeWrites } from './write-codec.js'

export interface GraphState {
  readonly catalog: Catalog
  readonly delta: Delta
}

/** The state with the segments of `catalog` alone. */
export function stateOf(catalog: Catalog): GraphState {
  return { catalog, delta: new Delta() }
}

function refuse(what: string): never {
  throw new MillraceError('MILLRACE_SCHEMA', { what, hint: 'This change does not fit the database' })
}

/**
 * Checks that `change` can be applied, the writes in it included; nothing is changed.
 * @returns the catalog after it
 * @throws MillraceError as `applyChange` does; `MILLRACE_CORRUPT` when writes cannot be read, and
 * `MILLRACE_SCHEMA` when they do not fit
 */
export function checkChange(state: GraphState, change: CatalogChange): Catalog {
  const next = applyChange(state.catalog, change)
  checkWrites(state, change)
  return next
}

/** Checks the writes of a change; those of a change of several parts against the parts before them. */
function checkWrites(state: GraphState, change: CatalogChange): void {
  if (change.kind === 'writes') {
    const check = new WriteCheck(state.catalog, state.delta)
    for (const write of decodeWrites(change.bytes)) {
      const problem = check.problemOf(write)
      if (problem !== null) refuse(problem)
    }
  } else if (change.kind === 'appendNodes' || change.kind === 'appendRels') {
    const written = state.delta.nodes(change.tableId) ?? state.delta.rels(change.tableId)
    if (written !== undefined) refuse(`table ${change.tableId} has writes that a load would go past`)
  } else if (change.kind === 'several') {
    let current: GraphState = { catalog: state.catalog, delta: state.delta.clone(state.catalog) }
    for (const part of change.changes) {
      checkWrites(current, part)
      current = applyInPlace(current, part)
    }
  }
}

/** Applies `change` to the state; its delta is changed in place. */
function applyInPlace(state: GraphState, change: CatalogChange): GraphState {
  const catalog = applyChange(state.catalog, change)
  const { delta } = state
  switch (change.kind) {
    case 'writes':
      for (const write of decodeWrites(change.bytes)) delta.apply(state.catalog, write)
      break
    case 'dropTable':
      delta.forget(change.tableId)
      break
    case 'replaceTables':
      for (const table of change.tables) delta.forget(table.id)
      break
    case 'several': {
      let current = state
      for (const part of change.changes) current = applyInPlace(current, part)
      break
    }
    default:
      break
  }
  return { catalog, delta }
}

/**
 * The state after `change`, which was checked. The delta is changed in place unless somebody holds it.
 * @throws MillraceError what `checkChange` throws, when the change was not checked; the state must not be
 * used then
 */
export function applyToState(state: GraphState, change: CatalogChange): GraphState {
  const delta = state.delta.isHeld ? state.delta.clone(state.catalog) : state.delta
  return applyInPlace({ catalog: state.catalog, delta }, change)
}
