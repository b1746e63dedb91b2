/** What Kùzu and LadybugDB share: the same interface, the same statements. */
import { serve } from './serve.mjs'

export async function serveGraph({ Database, Connection }) {
  const run = async (connection, statement) => (await connection.query(statement)).getAll()

  await serve({
    async load({ databasePath, csvPath, table }) {
      const database = new Database(databasePath)
      const connection = new Connection(database)
      await run(connection, table.createStatement)
      // Their parallel reader refuses quoted newlines and says that this is the way.
      const parallel = table.quotedNewlines ? ', PARALLEL=FALSE' : ''
      await run(connection, `COPY ${table.name} FROM '${csvPath}' (HEADER=TRUE${parallel})`)
      return async () => {
        await connection.close()
        await database.close()
      }
    },

    async check({ databasePath, table, sums }) {
      const connection = new Connection(new Database(databasePath))
      const endpoints = { from: 'a.id', to: 'b.id' }
      const isNodes = table.kind === 'nodes'
      const columns = Object.keys(sums)
      const terms = columns.map((column, index) => {
        const property = isNodes ? `t.${column}` : (endpoints[column] ?? `t.${column}`)
        return `sum(${property}) AS sum${index}`
      })
      const pattern = isNodes ? `(t:${table.name})` : `(a)-[t:${table.name}]->(b)`
      const [found] = await run(connection, `MATCH ${pattern} RETURN count(*) AS n, ${terms.join(', ')}`)
      return {
        rows: found.n,
        sums: Object.fromEntries(columns.map((column, index) => [column, found[`sum${index}`]])),
      }
    },
  })
}
