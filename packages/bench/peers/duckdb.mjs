/**
 * DuckDB through its Node binding. Relationships are a plain table: no key is checked, no direction is
 * indexed.
 */
import { DuckDBInstance } from '@duckdb/node-api'
import { serve } from './serve.mjs'

const typeOf = { INT64: 'BIGINT', STRING: 'VARCHAR', BOOL: 'BOOLEAN' }

function columnOf({ name, type }, index, table) {
  const key = index === 0 && table.kind === 'nodes' ? ' PRIMARY KEY' : ''
  return `"${name}" ${typeOf[type] ?? type}${key}`
}

await serve({
  async load({ databasePath, csvPath, table }) {
    const database = await DuckDBInstance.create(databasePath)
    const connection = await database.connect()
    const columns = table.columns.map((column, index) => columnOf(column, index, table))
    await connection.run(`CREATE TABLE ${table.name}(${columns.join(', ')})`)
    await connection.run(`COPY ${table.name} FROM '${csvPath}' (HEADER)`)
    return () => {
      connection.closeSync()
      database.closeSync()
    }
  },

  async check({ databasePath, table, sums }) {
    const connection = await (await DuckDBInstance.create(databasePath)).connect()
    const terms = Object.keys(sums).map((column) => `sum("${column}") AS "${column}"`)
    const statement = `SELECT count(*) AS "row count", ${terms.join(', ')} FROM ${table.name}`
    const [found] = (await connection.runAndReadAll(statement)).getRowObjects()
    return { rows: found['row count'], sums: found }
  },
})
