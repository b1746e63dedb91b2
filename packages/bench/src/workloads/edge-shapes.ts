/** The relationship workloads: E1 to E3, and G2. */
import type { Random } from './random.js'
import type { RowWriter } from './row-writer.js'
import { add, addNeighbour, pick, type Shape, type ShapeName, sampleNodes, type Totals } from './shape.js'
import { relationshipTable } from './table.js'
import {
  comma,
  hyphen,
  newline,
  point,
  stringKeyOf,
  writeDate,
  writeFullName,
  writeStringKey,
} from './values.js'
import { relationshipKinds } from './words.js'

export function edgeShape(
  name: ShapeName,
  title: string,
  options: { nodes: ShapeName; wide?: boolean; rows?: number },
): Shape {
  const isString = options.nodes === 'N4'
  const wide = options.wide === true
  const table = `Rel${name}`
  const more = ', weight DOUBLE, kind STRING, seenAt TIMESTAMP, note STRING'
  const pattern = `MATCH (a:Node${options.nodes})-[r:${table}]->(b:Node${options.nodes})`
  const endpoints = isString ? '' : ', sum(a.id) AS fromIds, sum(b.id) AS toIds'
  return {
    name,
    title,
    rows: options.rows ?? 10_000_000,
    nodes: options.nodes,
    table: relationshipTable(table, {
      nodes: `Node${options.nodes}`,
      keyType: isString ? 'STRING' : 'INT64',
      columns: `since INT64${wide ? more : ''}`,
    }),
    generator: ({ nodes, random }) => {
      const samples = new Set(sampleNodes(nodes))
      return (index, out, totals) => {
        const from = random.below(index, 20, nodes)
        const to = random.below(index, 21, nodes)
        if (isString) {
          writeStringKey(random, from, out)
          out.byte(comma)
          writeStringKey(random, to, out)
        } else {
          out.integer(from)
          out.byte(comma)
          out.integer(to)
          add(totals, 'fromIds', from)
          add(totals, 'toIds', to)
        }
        out.byte(comma)
        const since = 1990 + random.below(index, 22, 35)
        out.integer(since)
        add(totals, 'since', since)
        if (wide) writeRelationshipProperties(random, index, out, totals)
        out.byte(newline)
        if (samples.has(from)) addNeighbour(totals, 'from', from, since)
        if (samples.has(to)) addNeighbour(totals, 'to', to, since)
      }
    },
    checks: ({ nodes, random }, totals) => [
      {
        statement:
          `${pattern} RETURN count(*) AS rows, sum(r.since) AS since` +
          `${wide ? ', sum(r.weight) AS weight' : ''}${endpoints}`,
        parameters: {},
        expected: pick(totals, [
          ...['rows', 'since', ...(wide ? ['weight'] : []), ...(isString ? [] : ['fromIds', 'toIds'])],
        ]),
      },
      ...sampleNodes(nodes).flatMap((node) =>
        [
          { variable: 'a', side: 'from' },
          { variable: 'b', side: 'to' },
        ].map(({ variable, side }) => ({
          statement: `${pattern} WHERE ${variable}.id = $id RETURN count(*) AS rows, sum(r.since) AS since`,
          parameters: { id: isString ? stringKeyOf(random, node) : node },
          expected: {
            rows: totals[`${side} ${node} rows`] ?? 0,
            since: totals[`${side} ${node} since`] ?? 0,
          },
        })),
      ),
    ],
  }
}

const timeSeparator = 0x54
const colon = 0x3a

function writeRelationshipProperties(random: Random, index: number, out: RowWriter, totals: Totals): void {
  out.byte(comma)
  const thousandths = random.below(index, 23, 1_000_000)
  out.integer(Math.floor(thousandths / 1000))
  out.byte(point)
  out.integer(thousandths % 1000, 3)
  add(totals, 'weight', thousandths / 1000)
  out.byte(comma)
  out.bytesOf(relationshipKinds[random.at(index, 24) & (relationshipKinds.length - 1)] as Uint8Array)
  out.byte(comma)
  writeDate(random.below(index, 25, 336 * 35), out)
  out.byte(timeSeparator)
  const seconds = random.below(index, 26, 86_400)
  out.integer(Math.floor(seconds / 3600), 2)
  out.byte(colon)
  out.integer(Math.floor(seconds / 60) % 60, 2)
  out.byte(colon)
  out.integer(seconds % 60, 2)
  out.byte(comma)
  out.hex(random.at(index, 27))
  out.byte(hyphen)
  out.hex(random.at(index, 28))
  out.byte(hyphen)
  writeFullName(random, index, out)
}
