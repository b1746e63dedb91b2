/**
 * A graph in plain maps, and the steps that are done to it and to a store alike: people, who are found by a
 * number, cities, found by their name, and relationships, each with a tag of its own.
 */
export interface Person {
  readonly id: bigint
  readonly name: string | null
  readonly score: number | null
}

export interface City {
  readonly name: string
  readonly size: bigint | null
  readonly capital: boolean | null
}

/** From a person to a person (`Knows`) or a city (`Lives`), by their keys. */
export interface Rel {
  readonly kind: 'Knows' | 'Lives'
  readonly from: bigint
  readonly to: bigint | string
  readonly tag: bigint
  readonly note: string | null
}

export interface GraphModel {
  readonly people: ReadonlyMap<bigint, Person>
  readonly cities: ReadonlyMap<string, City>
  /** By tag. */
  readonly rels: ReadonlyMap<bigint, Rel>
}

export const emptyGraph: GraphModel = { people: new Map(), cities: new Map(), rels: new Map() }

/** One write. Writes to what is not there are left out by both sides. */
export type GraphWrite =
  | { readonly kind: 'createPerson'; readonly person: Person }
  | { readonly kind: 'createCity'; readonly city: City }
  | { readonly kind: 'createRel'; readonly rel: Rel }
  | { readonly kind: 'setPerson'; readonly id: bigint; readonly change: Partial<Omit<Person, 'id'>> }
  | { readonly kind: 'setCity'; readonly name: string; readonly change: Partial<Omit<City, 'name'>> }
  | { readonly kind: 'rekeyPerson'; readonly id: bigint; readonly to: bigint }
  | { readonly kind: 'rekeyCity'; readonly name: string; readonly to: string }
  | { readonly kind: 'setRel'; readonly tag: bigint; readonly note: string | null }
  /** Detaches. */
  | { readonly kind: 'deletePerson'; readonly id: bigint }
  | { readonly kind: 'deleteCity'; readonly name: string }
  | { readonly kind: 'deleteRel'; readonly tag: bigint }

function withEntry<Key, Entry>(map: ReadonlyMap<Key, Entry>, key: Key, entry: Entry): Map<Key, Entry> {
  return new Map([...map, [key, entry]])
}

function without<Key, Entry>(
  map: ReadonlyMap<Key, Entry>,
  isGone: (entry: Entry) => boolean,
): Map<Key, Entry> {
  return new Map([...map].filter(([, entry]) => !isGone(entry)))
}

function withRels(rels: ReadonlyMap<bigint, Rel>, change: (rel: Rel) => Rel): Map<bigint, Rel> {
  return new Map(Array.from(rels, ([tag, rel]) => [tag, change(rel)]))
}

function endsAreThere({ people, cities }: GraphModel, { kind, from, to }: Rel): boolean {
  return people.has(from) && (kind === 'Knows' ? people.has(to as bigint) : cities.has(to as string))
}

/** True when the write has something to work on; a key that is there already cannot be made again. */
export function isPossible(graph: GraphModel, write: GraphWrite): boolean {
  switch (write.kind) {
    case 'createPerson':
      return !graph.people.has(write.person.id)
    case 'createCity':
      return !graph.cities.has(write.city.name)
    case 'createRel':
      return !graph.rels.has(write.rel.tag) && endsAreThere(graph, write.rel)
    case 'rekeyPerson':
      return graph.people.has(write.id) && (write.to === write.id || !graph.people.has(write.to))
    case 'rekeyCity':
      return graph.cities.has(write.name) && (write.to === write.name || !graph.cities.has(write.to))
    case 'setPerson':
    case 'deletePerson':
      return graph.people.has(write.id)
    case 'setCity':
    case 'deleteCity':
      return graph.cities.has(write.name)
    case 'setRel':
    case 'deleteRel':
      return graph.rels.has(write.tag)
  }
}

/** The graph after a possible write. */
export function afterWrite(graph: GraphModel, write: GraphWrite): GraphModel {
  const { people, cities, rels } = graph
  switch (write.kind) {
    case 'createPerson':
      return { ...graph, people: withEntry(people, write.person.id, write.person) }
    case 'createCity':
      return { ...graph, cities: withEntry(cities, write.city.name, write.city) }
    case 'createRel':
      return { ...graph, rels: withEntry(rels, write.rel.tag, write.rel) }
    case 'setPerson':
      return { ...graph, people: withEntry(people, write.id, { ...people.get(write.id)!, ...write.change }) }
    case 'setCity':
      return {
        ...graph,
        cities: withEntry(cities, write.name, { ...cities.get(write.name)!, ...write.change }),
      }
    case 'rekeyPerson': {
      const others = without(people, ({ id }) => id === write.id)
      const named = (end: bigint | string) => (end === write.id ? write.to : end)
      return {
        ...graph,
        people: withEntry(others, write.to, { ...people.get(write.id)!, id: write.to }),
        rels: withRels(rels, (rel) => ({ ...rel, from: named(rel.from) as bigint, to: named(rel.to) })),
      }
    }
    case 'rekeyCity': {
      const others = without(cities, ({ name }) => name === write.name)
      return {
        ...graph,
        cities: withEntry(others, write.to, { ...cities.get(write.name)!, name: write.to }),
        rels: withRels(rels, (rel) => (rel.to === write.name ? { ...rel, to: write.to } : rel)),
      }
    }
    case 'setRel':
      return { ...graph, rels: withEntry(rels, write.tag, { ...rels.get(write.tag)!, note: write.note }) }
    case 'deletePerson':
      return {
        ...graph,
        people: without(people, ({ id }) => id === write.id),
        rels: without(rels, ({ from, to }) => from === write.id || to === write.id),
      }
    case 'deleteCity':
      return {
        ...graph,
        cities: without(cities, ({ name }) => name === write.name),
        rels: without(rels, ({ to }) => to === write.name),
      }
    case 'deleteRel':
      return { ...graph, rels: without(rels, ({ tag }) => tag === write.tag) }
  }
}

/** Does the possible ones of `writes`. */
export function afterWrites(graph: GraphModel, writes: readonly GraphWrite[]): GraphModel {
  let after = graph
  for (const write of writes) if (isPossible(after, write)) after = afterWrite(after, write)
  return after
}

/** A text for comparing and for messages, one line a node or relationship, in order. */
export function describeGraph({ people, cities, rels }: GraphModel): string {
  const lines = [
    ...Array.from(people.values(), ({ id, name, score }) => `Person ${id} ${name} ${score}`),
    ...Array.from(cities.values(), ({ name, size, capital }) => `City ${name} ${size} ${capital}`),
    ...Array.from(rels.values(), ({ kind, from, to, tag, note }) => `${kind} ${from} ${to} ${tag} ${note}`),
  ]
  return lines.sort().join('\n')
}
