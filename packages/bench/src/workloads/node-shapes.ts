/** The node workloads: N1 to N5, A1, and G1. */
import type { Random } from './random.js'
import type { RowWriter } from './row-writer.js'
import {
  add,
  type Check,
  pick,
  type Shape,
  type ShapeInput,
  type ShapeName,
  sampleNodes,
  type Totals,
} from './shape.js'
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
function writePerson(random: Random, index: number, out: RowWriter, totals: Totals): void {
  out.byte(comma)
  writeFullName(random, index, out)
  out.byte(comma)
  const age = 18 + random.below(index, 3, 70)
  out.integer(age)
  add(totals, 'age', age)
  out.byte(comma)
  const cents = random.below(index, 4, 100_000)
  out.integer(Math.floor(cents / 100))
  out.byte(point)
  out.integer(cents % 100, 2)
  add(totals, 'score', cents / 100)
  out.byte(comma)
  writeDate(random.below(index, 5, 336 * 35), out)
  out.byte(comma)
  const active = (random.at(index, 6) & 3) !== 0
  out.bytesOf(active ? trueText : falseText)
}

type KeyOf = (random: Random, index: number) => string | number

const indexOf: KeyOf = (_random, index) => index

/** Looks up some nodes of `table` by key. */
function nodeSamples(
  table: string,
  { rows, random }: ShapeInput,
  options: { keyOf: KeyOf; note?: boolean; textOf?: (random: Random, index: number) => string },
): Check[] {
  const { keyOf, note = false, textOf = fullNameOf } = options
  return sampleNodes(rows).map((index) => ({
    statement: `MATCH (n:${table}) WHERE n.id = $id RETURN n.name AS name${note ? ', n.note AS note' : ''}`,
    parameters: { id: keyOf(random, index) },
    expected: { name: textOf(random, index), ...(note ? { note: noteOf(random, index) } : {}) },
  }))
}

const personColumns = 'name STRING, age INT64, score DOUBLE, joined DATE, active BOOL'
const personTotals = 'count(*) AS rows, sum(n.age) AS age, sum(n.score) AS score'

export function nodeShape(
  name: ShapeName,
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
    generator: ({ rows, random }) => {
      const order =
        options.shuffled === true || isString ? random.permutation(rows) : (index: number) => index
      return (index, out, totals) => {
        const id = order(index)
        if (isString) writeStringKey(random, id, out)
        else {
          out.integer(id)
          add(totals, 'id', id)
        }
        writePerson(random, id, out, totals)
        if (note) writeNote(random, id, out)
        out.byte(newline)
      }
    },
    checks: (input, totals) => [
      {
        statement: `MATCH (n:${table}) RETURN ${personTotals}${isString ? '' : ', sum(n.id) AS id'}`,
        parameters: {},
        expected: pick(totals, ['rows', 'age', 'score', ...(isString ? [] : ['id'])]),
      },
      ...nodeSamples(table, input, { keyOf: isString ? stringKeyOf : indexOf, note }),
    ],
  }
}

export function narrowNodeShape(
  name: ShapeName,
  title: string,
  options: { rows: number; shuffled?: boolean },
): Shape {
  const table = `Node${name}`
  return {
    name,
    title,
    rows: options.rows,
    table: nodeTable(table, 'id INT64, name STRING, age INT64'),
    generator: ({ rows, random }) => {
      const order = options.shuffled === true ? random.permutation(rows) : (index: number) => index
      return (index, out, totals) => {
        const id = order(index)
        out.integer(id)
        add(totals, 'id', id)
        out.byte(comma)
        writeName(random, id, out)
        out.byte(comma)
        const age = 18 + random.below(id, 3, 70)
        out.integer(age)
        add(totals, 'age', age)
        out.byte(newline)
      }
    },
    checks: (input, totals) => [
      {
        statement: `MATCH (n:${table}) RETURN count(*) AS rows, sum(n.id) AS id, sum(n.age) AS age`,
        parameters: {},
        expected: pick(totals, ['rows', 'id', 'age']),
      },
      ...nodeSamples(table, input, { keyOf: indexOf, textOf: nameOf }),
    ],
  }
}

/** As many as the United States have; the column names are those of a public data set. */
export const airports: Shape = {
  name: 'A1',
  title: 'airports, a small file',
  rows: 3376,
  table: nodeTable('NodeA1', 'iata STRING, name STRING, latitude DOUBLE, longitude DOUBLE'),
  generator:
    ({ random }) =>
    (index, out, totals) => {
      writeStringKey(random, index, out)
      out.byte(comma)
      writeFullName(random, index, out)
      for (const [salt, column] of ['latitude', 'longitude'].entries()) {
        out.byte(comma)
        const thousandths = random.below(index, 50 + salt, 90_000)
        out.integer(Math.floor(thousandths / 1000))
        out.byte(point)
        out.integer(thousandths % 1000, 3)
        add(totals, column, thousandths / 1000)
      }
      out.byte(newline)
    },
  checks: ({ rows, random }, totals) => [
    {
      statement:
        'MATCH (n:NodeA1) RETURN count(*) AS rows, sum(n.latitude) AS latitude, sum(n.longitude) AS longitude',
      parameters: {},
      expected: pick(totals, ['rows', 'latitude', 'longitude']),
    },
    ...sampleNodes(rows).map((index) => ({
      statement: 'MATCH (n:NodeA1) WHERE n.iata = $id RETURN n.name AS name',
      parameters: { id: stringKeyOf(random, index) },
      expected: { name: fullNameOf(random, index) },
    })),
  ],
}
