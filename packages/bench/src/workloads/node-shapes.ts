/** The node workloads, N1 to N5. */
import { permutationOf, randomAt, randomBelow } from './random.js'
import type { RowWriter } from './row-writer.js'
import { add, type CaseName, type Check, pick, type Shape, sampleNodes, type Totals } from './shape.js'
import { nodeTable } from './table.js'
import {
  comma,
  falseText,
  fullNameOf,
  nameOf,
  newline,
  noteOf,
  point,
  stringKeyOf,
  trueText,
  writeDate,
  writeFullName,
  writeName,
  writeNote,
  writeStringKey,
} from './values.js'

/** `,name,age,score,joined,active` of node `index`. */
function writePerson(index: number, out: RowWriter, totals: Totals): void {
  out.byte(comma)
  writeFullName(index, out)
  out.byte(comma)
  const age = 18 + randomBelow(index, 3, 70)
  out.integer(age)
  add(totals, 'age', age)
  out.byte(comma)
  const cents = randomBelow(index, 4, 100_000)
  out.integer(Math.floor(cents / 100))
  out.byte(point)
  out.integer(cents % 100, 2)
  add(totals, 'score', cents / 100)
  out.byte(comma)
  writeDate(randomBelow(index, 5, 336 * 35), out)
  out.byte(comma)
  const active = (randomAt(index, 6) & 3) !== 0
  out.bytesOf(active ? trueText : falseText)
}

/** Looks up some nodes of `table` by key. */
function nodeSamples(
  table: string,
  rows: number,
  keyOf: (index: number) => string | number,
  note: boolean,
  textOf = fullNameOf,
): Check[] {
  return sampleNodes(rows).map((index) => ({
    statement: `MATCH (n:${table}) WHERE n.id = $id RETURN n.name AS name${note ? ', n.note AS note' : ''}`,
    parameters: { id: keyOf(index) },
    expected: { name: textOf(index), ...(note ? { note: noteOf(index) } : {}) },
  }))
}

const personColumns = 'name STRING, age INT64, score DOUBLE, joined DATE, active BOOL'
const personTotals = 'count(*) AS rows, sum(n.age) AS age, sum(n.score) AS score'

export function nodeShape(
  name: CaseName,
  title: string,
  options: { key?: 'INT64' | 'STRING'; shuffled?: boolean; note?: boolean },
): Shape {
  const isString = options.key === 'STRING'
  const table = `Node${name}`
  const note = options.note === true
  return {
    name,
    title,
    rows: 5_000_000,
    table: nodeTable(
      table,
      `id ${options.key ?? 'INT64'}, ${personColumns}${note ? ', note STRING' : ''}`,
      note,
    ),
    generator: (rows) => {
      const order = options.shuffled === true || isString ? permutationOf(rows) : (index: number) => index
      return (index, out, totals) => {
        const id = order(index)
        if (isString) writeStringKey(id, out)
        else {
          out.integer(id)
          add(totals, 'id', id)
        }
        writePerson(id, out, totals)
        if (note) writeNote(id, out)
        out.byte(newline)
      }
    },
    checks: (rows, _nodes, totals) => [
      {
        statement: `MATCH (n:${table}) RETURN ${personTotals}${isString ? '' : ', sum(n.id) AS id'}`,
        parameters: {},
        expected: pick(totals, ['rows', 'age', 'score', ...(isString ? [] : ['id'])]),
      },
      ...nodeSamples(table, rows, isString ? stringKeyOf : Number, note),
    ],
  }
}

export const narrowNodes: Shape = {
  name: 'N1',
  title: 'narrow nodes',
  rows: 10_000_000,
  table: nodeTable('NodeN1', 'id INT64, name STRING, age INT64'),
  generator: () => (index, out, totals) => {
    out.integer(index)
    add(totals, 'id', index)
    out.byte(comma)
    writeName(index, out)
    out.byte(comma)
    const age = 18 + randomBelow(index, 3, 70)
    out.integer(age)
    add(totals, 'age', age)
    out.byte(newline)
  },
  checks: (rows, _nodes, totals) => [
    {
      statement: 'MATCH (n:NodeN1) RETURN count(*) AS rows, sum(n.id) AS id, sum(n.age) AS age',
      parameters: {},
      expected: pick(totals, ['rows', 'id', 'age']),
    },
    ...nodeSamples('NodeN1', rows, Number, false, nameOf),
  ],
}

/** As many as the United States have; the column names are those of a public data set. */
export const airports: Shape = {
  name: 'A1',
  title: 'airports, a small file',
  rows: 3376,
  table: nodeTable('NodeA1', 'iata STRING, name STRING, latitude DOUBLE, longitude DOUBLE'),
  generator: () => (index, out, totals) => {
    writeStringKey(index, out)
    out.byte(comma)
    writeFullName(index, out)
    for (const [salt, column] of ['latitude', 'longitude'].entries()) {
      out.byte(comma)
      const thousandths = randomBelow(index, 50 + salt, 90_000)
      out.integer(Math.floor(thousandths / 1000))
      out.byte(point)
      out.integer(thousandths % 1000, 3)
      add(totals, column, thousandths / 1000)
    }
    out.byte(newline)
  },
  checks: (rows, _nodes, totals) => [
    {
      statement:
        'MATCH (n:NodeA1) RETURN count(*) AS rows, sum(n.latitude) AS latitude, sum(n.longitude) AS longitude',
      parameters: {},
      expected: pick(totals, ['rows', 'latitude', 'longitude']),
    },
    ...sampleNodes(rows).map((index) => ({
      statement: 'MATCH (n:NodeA1) WHERE n.iata = $id RETURN n.name AS name',
      parameters: { id: stringKeyOf(index) },
      expected: { name: fullNameOf(index) },
    })),
  ],
}
