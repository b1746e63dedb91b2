/** What Node users do today: rows of csv-parser into SQLite, one prepared statement, one transaction. */
import { createReadStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import Sqlite from 'better-sqlite3'
import csvParser from 'csv-parser'
import { serve } from './serve.mjs'

const typeOf = { INT64: 'INTEGER', DOUBLE: 'REAL' }

function columnOf({ name, type }, index, table) {
  const key = index === 0 && table.kind === 'nodes' ? ' PRIMARY KEY' : ''
  return `"${name}" ${typeOf[type] ?? 'TEXT'}${key}`
}

await serve({
  async load({ databasePath, csvPath, table }) {
    const database = new Sqlite(databasePath)
    const columns = table.columns.map((column, index) => columnOf(column, index, table))
    database.exec(`CREATE TABLE ${table.name}(${columns.join(', ')})`)
    const places = table.columns.map(() => '?').join(', ')
    const insert = database.prepare(`INSERT INTO ${table.name} VALUES (${places})`)
    database.exec('BEGIN')
    const rows = createReadStream(csvPath).pipe(csvParser())
    rows.on('data', (row) => insert.run(Object.values(row)))
    await finished(rows)
    database.exec('COMMIT')
    return () => database.close()
  },

  async check({ databasePath, table, sums }) {
    const database = new Sqlite(databasePath, { readonly: true })
    const terms = Object.keys(sums).map((column) => `sum("${column}") AS "${column}"`)
    const statement = `SELECT count(*) AS "row count", ${terms.join(', ')} FROM ${table.name}`
    const found = database.prepare(statement).get()
    return { rows: found['row count'], sums: found }
  },
})
