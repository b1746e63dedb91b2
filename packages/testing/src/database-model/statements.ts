/** The model's writes and tables as statements. */
import type { Parameters } from '@millrace/core/query'
import type { Cell } from '../graph-model/column-of-cells.js'
import type { Rel } from '../graph-model/graph-model.js'
import type { DatabaseModel, TableName, Write } from './model.js'

export interface Statement {
  readonly text: string
  readonly parameters: Parameters
}

export const tableStatements: Readonly<Record<TableName, string>> = {
  Person: 'CREATE NODE TABLE Person(id INT64, name STRING, score DOUBLE, PRIMARY KEY(id))',
  City: 'CREATE NODE TABLE City(name STRING, size INT64, capital BOOL, PRIMARY KEY(name))',
  Knows: 'CREATE REL TABLE Knows(FROM Person TO Person, tag INT64, note STRING)',
  Lives: 'CREATE REL TABLE Lives(FROM Person TO City, tag INT64, note STRING)',
}

/** Both ends and the relationship, by the kind: `tag` is a parameter. */
function matchRel(kind: Rel['kind']): string {
  return `MATCH (:Person)-[r:${kind}]->(:${kind === 'Knows' ? 'Person' : 'City'}) WHERE r.tag = $tag`
}

function matchEnds(kind: Rel['kind']): string {
  const to = kind === 'Knows' ? '(b:Person {id: $to})' : '(b:City {name: $to})'
  return `MATCH (a:Person {id: $from}), ${to}`
}

/** What is set to null is removed: both mean the same. */
function change(
  match: string,
  key: Parameters,
  values: Readonly<Record<string, Cell | undefined>>,
): Statement {
  const set: string[] = []
  const removed: string[] = []
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    if (value === null) removed.push(`n.${name}`)
    else set.push(`n.${name} = $${name}`)
  }
  const clauses = [
    ...(set.length === 0 ? [] : [`SET ${set.join(', ')}`]),
    ...(removed.length === 0 ? [] : [`REMOVE ${removed.join(', ')}`]),
  ]
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined)
  return { text: `${match} ${clauses.join(' ')}`, parameters: { ...Object.fromEntries(given), ...key } }
}

/** The statement that does `write`, which must be meaningful. */
export function statementOf({ graph }: DatabaseModel, write: Write): Statement {
  switch (write.kind) {
    case 'createPerson':
      return {
        text: 'CREATE (:Person {id: $id, name: $name, score: $score})',
        parameters: { ...write.person },
      }
    case 'createPeople':
      return {
        text: 'UNWIND $rows AS row CREATE (:Person {id: row.id, name: row.name, score: row.score})',
        parameters: { rows: write.people.map((person) => ({ ...person })) },
      }
    case 'createCity':
      return {
        text: 'CREATE (:City {name: $name, size: $size, capital: $capital})',
        parameters: { ...write.city },
      }
    case 'createRel': {
      const { kind, ...parameters } = write.rel
      const text = `${matchEnds(kind)} CREATE (a)-[:${kind} {tag: $tag, note: $note}]->(b)`
      return { text, parameters }
    }
    case 'mergePerson': {
      const { id, name } = write
      const text = 'MERGE (p:Person {id: $id}) ON CREATE SET p.name = $name ON MATCH SET p.name = $name'
      return { text, parameters: { id, name } }
    }
    case 'mergeKnows': {
      const { kind: _, ...parameters } = write
      const set = 'ON CREATE SET r.tag = $tag ON MATCH SET r.note = $note'
      return { text: `${matchEnds('Knows')} MERGE (a)-[r:Knows]->(b) ${set}`, parameters }
    }
    case 'setPerson':
      return change('MATCH (n:Person {id: $id})', { id: write.id }, write.change)
    case 'setCity':
      return change('MATCH (n:City {name: $key})', { key: write.name }, write.change)
    case 'rekeyPerson':
      return { text: 'MATCH (p:Person {id: $id}) SET p.id = $to', parameters: { id: write.id, to: write.to } }
    case 'rekeyCity': {
      const { name, to } = write
      return { text: 'MATCH (c:City {name: $name}) SET c.name = $to', parameters: { name, to } }
    }
    case 'setRel': {
      const { tag, note } = write
      return { text: `${matchRel(graph.rels.get(tag)!.kind)} SET r.note = $note`, parameters: { tag, note } }
    }
    case 'deleteRel': {
      const { tag } = write
      return { text: `${matchRel(graph.rels.get(tag)!.kind)} DELETE r`, parameters: { tag } }
    }
    case 'deletePerson':
      return { text: 'MATCH (p:Person {id: $id}) DETACH DELETE p', parameters: { id: write.id } }
    case 'deleteAlone':
      return { text: 'MATCH (p:Person {id: $id}) DELETE p', parameters: { id: write.id } }
    case 'deleteCity':
      return { text: 'MATCH (c:City {name: $name}) DETACH DELETE c', parameters: { name: write.name } }
  }
}
