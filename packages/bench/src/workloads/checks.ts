/**
 * What a database that loaded a workload must answer: sums over the table, some rows and neighbours by key.
 */
import type { Generation } from '@millrace/datagen'
import type { FileTotals } from './file-totals.js'
import { type Check, isNumber, type Shape } from './shape.js'

type Key = string | number

/** Nodes that are looked up by key, and whose neighbours are counted. */
function sampleNodes(nodes: number): number[] {
  return [...new Set([0, Math.floor(nodes / 3), nodes - 1])]
}

/** Some rows of a table of nodes, as the generator has them. */
async function sampleRows(data: Generation, table: string): Promise<Record<string, Key>[]> {
  const count = data.tables.find(({ name }) => name === table)?.rows ?? 0
  const rows: Record<string, Key>[] = []
  for (const from of sampleNodes(count)) {
    for await (const batch of data.batches(table, { from, to: from + 1 }))
      rows.push(...(batch.rows() as Record<string, Key>[]))
  }
  return rows
}

/** Keys of the nodes whose relationships are to be counted; none for nodes. */
export async function sampledKeys({ joined }: Shape, data: Generation): Promise<Key[]> {
  if (joined === undefined) return []
  return (await sampleRows(data, joined.table)).map((row) => row[joined.key.name] as Key)
}

/** The checks of a workload whose file adds up to `totals`. */
export async function checksOf(shape: Shape, data: Generation, totals: FileTotals): Promise<Check[]> {
  return shape.joined === undefined
    ? await nodeChecks(shape, data, totals)
    : await relationshipChecks(shape, data, totals)
}

async function nodeChecks({ table }: Shape, data: Generation, totals: FileTotals): Promise<Check[]> {
  const pattern = `MATCH (n:${table.name})`
  const key = table.columns[0]!.name
  const numbers = table.columns.filter(isNumber).map(({ name }) => name)
  const texts = table.columns.slice(1).flatMap(({ name, type }) => (type === 'STRING' ? [name] : []))
  const sums = numbers.map((name) => `, sum(n.${name}) AS ${name}`).join('')
  const rows = await sampleRows(data, table.name)
  return [
    {
      statement: `${pattern} RETURN count(*) AS rows${sums}`,
      parameters: {},
      expected: {
        rows: totals.rows,
        ...Object.fromEntries(numbers.map((name) => [name, totals.sum(name)])),
      },
    },
    ...rows.map((row) => ({
      statement: `${pattern} WHERE n.${key} = $id RETURN ${texts.map((name) => `n.${name} AS ${name}`).join(', ')}`,
      parameters: { id: row[key] as Key },
      expected: Object.fromEntries(texts.map((name) => [name, row[name] as Key])),
    })),
  ]
}

async function relationshipChecks(shape: Shape, data: Generation, totals: FileTotals): Promise<Check[]> {
  const { table, joined } = shape
  const { table: nodes, key } = joined!
  const pattern = `MATCH (a:${nodes})-[r:${table.name}]->(b:${nodes})`
  const properties = table.columns.slice(2).filter(isNumber)
  const first = properties[0]!.name
  const sums = [
    ...properties.map(({ name }) => ({ name, sum: `sum(r.${name})`, total: totals.sum(name) })),
    ...(isNumber(key)
      ? [
          { name: 'fromIds', sum: `sum(a.${key.name})`, total: totals.sum('from') },
          { name: 'toIds', sum: `sum(b.${key.name})`, total: totals.sum('to') },
        ]
      : []),
  ]
  const keys = await sampledKeys(shape, data)
  return [
    {
      statement: `${pattern} RETURN count(*) AS rows${sums.map(({ name, sum }) => `, ${sum} AS ${name}`).join('')}`,
      parameters: {},
      expected: {
        rows: totals.rows,
        ...Object.fromEntries(sums.map(({ name, total }) => [name, total])),
      },
    },
    ...keys.flatMap((id, node) =>
      [
        { variable: 'a', found: totals.from[node]! },
        { variable: 'b', found: totals.to[node]! },
      ].map(({ variable, found }) => ({
        statement:
          `${pattern} WHERE ${variable}.${key.name} = $id ` +
          `RETURN count(*) AS rows, sum(r.${first}) AS ${first}`,
        parameters: { id },
        expected: { rows: found.rows, [first]: found.sum },
      })),
    ),
  ]
}
