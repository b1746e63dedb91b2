/**
 * What a whole database does, in plain maps: tables that come and go, loads, statements and transactions,
 * right ones and wrong ones. The slow, obvious twin that databases are compared with.
 *
 * Actions are plain values, and what they do follows from the model alone: a killed process and the one that
 * judges it agree on them without a word.
 */
import {
  afterWrite,
  emptyGraph,
  type GraphModel,
  type GraphWrite,
  isPossible,
  type Person,
  type Rel,
} from '../graph-model/graph-model.js'

/** In the order in which they can be made; dropped in the other one. */
export const tableNames = ['Person', 'City', 'Knows', 'Lives'] as const

export type TableName = (typeof tableNames)[number]

export interface DatabaseModel {
  readonly tables: ReadonlySet<TableName>
  readonly graph: GraphModel
}

export const emptyDatabase: DatabaseModel = { tables: new Set(), graph: emptyGraph }

/** One statement that writes. */
export type Write =
  | GraphWrite
  /** In one statement: all of them, or none. */
  | { readonly kind: 'createPeople'; readonly people: readonly Person[] }
  | { readonly kind: 'mergePerson'; readonly id: bigint; readonly name: string | null }
  /** The new relationship has the tag, and those that were there have the note. */
  | {
      readonly kind: 'mergeKnows'
      readonly from: bigint
      readonly to: bigint
      readonly tag: bigint
      readonly note: string | null
    }
  /** Not detached: refused while the person has relationships. */
  | { readonly kind: 'deleteAlone'; readonly id: bigint }

/** A COPY: all rows, or none. */
export type Load =
  | { readonly kind: 'loadPeople'; readonly people: readonly Person[] }
  | { readonly kind: 'loadRels'; readonly table: Rel['kind']; readonly rels: readonly Rel[] }

export type Action =
  | { readonly kind: 'createTable' | 'dropTable'; readonly table: TableName }
  | { readonly kind: 'write'; readonly write: Write }
  | { readonly kind: 'load'; readonly load: Load }
  | { readonly kind: 'transaction'; readonly parts: readonly (Write | Load)[]; readonly rollback: boolean }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'reopen' }

/** `done`, or the code of the error. */
export type Outcome = 'done' | `MILLRACE_${string}`

export interface Performed {
  readonly model: DatabaseModel
  /** Of each part of a transaction; else one. */
  readonly outcomes: readonly Outcome[]
}

const ends: Readonly<Record<Rel['kind'], readonly TableName[]>> = {
  Knows: ['Person'],
  Lives: ['Person', 'City'],
}

function done(model: DatabaseModel): Performed {
  return { model, outcomes: ['done'] }
}

function refused(model: DatabaseModel, outcome: Outcome): Performed {
  return { model, outcomes: [outcome] }
}

/** The relationships that are joined to a node table by `table`. */
function withoutTable(graph: GraphModel, table: TableName): GraphModel {
  if (table === 'Person') return { ...graph, people: new Map() }
  if (table === 'City') return { ...graph, cities: new Map() }
  return { ...graph, rels: new Map([...graph.rels].filter(([, { kind }]) => kind !== table)) }
}

function createTable(model: DatabaseModel, table: TableName): Performed {
  if (model.tables.has(table)) return refused(model, 'MILLRACE_TABLE_EXISTS')
  const joined = table === 'Knows' || table === 'Lives' ? ends[table] : []
  if (!joined.every((name) => model.tables.has(name))) return refused(model, 'MILLRACE_SCHEMA')
  return done({ ...model, tables: new Set([...model.tables, table]) })
}

function dropTable(model: DatabaseModel, table: TableName): Performed {
  if (!model.tables.has(table)) return refused(model, 'MILLRACE_NO_TABLE')
  const isJoined = (['Knows', 'Lives'] as const).some(
    (rels) => model.tables.has(rels) && ends[rels].includes(table),
  )
  if (isJoined) return refused(model, 'MILLRACE_TABLE_IN_USE')
  const tables = new Set([...model.tables].filter((name) => name !== table))
  return done({ tables, graph: withoutTable(model.graph, table) })
}

/** The tables that a statement names. */
function tablesOf(graph: GraphModel, write: Write): readonly TableName[] {
  switch (write.kind) {
    case 'createRel':
      return [...ends[write.rel.kind], write.rel.kind]
    case 'setRel':
    case 'deleteRel': {
      const rel = graph.rels.get(write.tag)
      return rel === undefined ? [] : [...ends[rel.kind], rel.kind]
    }
    case 'mergeKnows':
      return ['Person', 'Knows']
    case 'createCity':
    case 'setCity':
    case 'rekeyCity':
    case 'deleteCity':
      return ['City']
    default:
      return ['Person']
  }
}

/**
 * Whether the action can be written as a statement of one meaning: a relationship's tag is no key to the
 * database, so that one which is there already is not made a second time.
 */
export function isMeaningful({ graph }: DatabaseModel, write: Write): boolean {
  switch (write.kind) {
    case 'createRel':
      return !graph.rels.has(write.rel.tag)
    case 'mergeKnows':
      return !graph.rels.has(write.tag)
    case 'setRel':
    case 'deleteRel':
      return graph.rels.has(write.tag)
    case 'setPerson':
    case 'setCity':
      return Object.keys(write.change).length > 0
    default:
      return true
  }
}

function createPeople(model: DatabaseModel, people: readonly Person[]): Performed {
  let { graph } = model
  for (const person of people) {
    const write = { kind: 'createPerson', person } as const
    if (!isPossible(graph, write)) return refused(model, 'MILLRACE_DUPLICATE_KEY')
    graph = afterWrite(graph, write)
  }
  return done({ ...model, graph })
}

function mergeKnows(model: DatabaseModel, write: Extract<Write, { kind: 'mergeKnows' }>): Performed {
  const { from, to, tag, note } = write
  let { graph } = model
  const between = [...graph.rels.values()].filter(
    (rel) => rel.kind === 'Knows' && rel.from === from && rel.to === to,
  )
  for (const rel of between) graph = afterWrite(graph, { kind: 'setRel', tag: rel.tag, note })
  const made = { kind: 'createRel', rel: { kind: 'Knows', from, to, tag, note: null } } as const
  if (between.length === 0 && isPossible(graph, made)) graph = afterWrite(graph, made)
  return done({ ...model, graph })
}

function performWrite(model: DatabaseModel, write: Write): Performed {
  const { graph } = model
  if (!isMeaningful(model, write)) return done(model)
  if (!tablesOf(graph, write).every((table) => model.tables.has(table))) {
    return refused(model, 'MILLRACE_BINDING')
  }
  switch (write.kind) {
    case 'createPeople':
      return createPeople(model, write.people)
    case 'mergePerson': {
      const { id, name } = write
      const person = graph.people.get(id) ?? { id, name, score: null }
      const people = new Map([...graph.people, [id, { ...person, name }]])
      return done({ ...model, graph: { ...graph, people } })
    }
    case 'mergeKnows':
      return mergeKnows(model, write)
    case 'deleteAlone': {
      const isJoined = ({ from, to }: Rel) => from === write.id || to === write.id
      if (graph.people.has(write.id) && [...graph.rels.values()].some(isJoined)) {
        return refused(model, 'MILLRACE_NODE_IN_USE')
      }
      const people = new Map([...graph.people].filter(([id]) => id !== write.id))
      return done({ ...model, graph: { ...graph, people } })
    }
    case 'rekeyPerson':
    case 'rekeyCity': {
      const isThere = write.kind === 'rekeyPerson' ? graph.people.has(write.id) : graph.cities.has(write.name)
      if (!isThere) return done(model)
      if (!isPossible(graph, write)) return refused(model, 'MILLRACE_DUPLICATE_KEY')
      return done({ ...model, graph: afterWrite(graph, write) })
    }
    case 'createPerson':
    case 'createCity':
      if (!isPossible(graph, write)) return refused(model, 'MILLRACE_DUPLICATE_KEY')
      return done({ ...model, graph: afterWrite(graph, write) })
    default:
      return done(isPossible(graph, write) ? { ...model, graph: afterWrite(graph, write) } : model)
  }
}

/** The relationships of a load that have a tag of their own: the others are left out of its file. */
export function relsToLoad({ graph }: DatabaseModel, rels: readonly Rel[]): Rel[] {
  const byTag = new Map(rels.map((rel) => [rel.tag, rel]))
  return [...byTag.values()].filter(({ tag }) => !graph.rels.has(tag))
}

function performLoad(model: DatabaseModel, load: Load): Performed {
  const table = load.kind === 'loadPeople' ? 'Person' : load.table
  if (!model.tables.has(table)) return refused(model, 'MILLRACE_NO_TABLE')
  if (load.kind === 'loadPeople') return createPeople(model, load.people)
  let { graph } = model
  for (const rel of relsToLoad(model, load.rels)) {
    const write = { kind: 'createRel', rel } as const
    if (!isPossible(graph, write)) return refused(model, 'MILLRACE_MISSING_NODE')
    graph = afterWrite(graph, write)
  }
  return done({ ...model, graph })
}

export function isLoad(part: Write | Load): part is Load {
  return part.kind === 'loadPeople' || part.kind === 'loadRels'
}

export function performPart(model: DatabaseModel, part: Write | Load): Performed {
  return isLoad(part) ? performLoad(model, part) : performWrite(model, part)
}

/** What `action` does to a database that is as `model` says. */
export function perform(model: DatabaseModel, action: Action): Performed {
  switch (action.kind) {
    case 'createTable':
      return createTable(model, action.table)
    case 'dropTable':
      return dropTable(model, action.table)
    case 'write':
      return performWrite(model, action.write)
    case 'load':
      return performLoad(model, action.load)
    case 'transaction': {
      let after = model
      const outcomes: Outcome[] = []
      for (const part of action.parts) {
        const performed = performPart(after, part)
        after = performed.model
        outcomes.push(...performed.outcomes)
      }
      return { model: action.rollback ? model : after, outcomes }
    }
    default:
      return done(model)
  }
}
