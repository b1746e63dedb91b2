/**
 * A process that opens the database named by its first argument and says "open", or the error's code. As the
 * second argument says, it then waits to be killed (`wait`), ends without closing (`exit`), or commits for
 * ever, saying each time which table is durable (`commit`) or which transaction of small writes (`write`).
 */
import {
  BufferPool,
  decodeChange,
  MemoryBudget,
  planTable,
  Snapshot,
  Store,
  WriteTransaction,
} from '@millrace/core/internal'

const [, , path, then] = process.argv

function commitForEver(store) {
  for (let number = 1; ; number++) {
    const columns = [{ name: 'id', type: 'INT64' }]
    const table = planTable(store.catalog, { kind: 'node', name: `T${number}`, columns, keyColumn: 0 })
    store.commit({ kind: 'createTable', table })
    // Synchronous, so that it is said before the next commit begins.
    process.stdout.write(`durable ${number}\n`)
    if (number % 7 === 0) store.checkpoint()
  }
}

/**
 * Transaction n makes node n, names node n − 1, deletes node n − 10, and joins n to n − 1. Goes on where the
 * file stands.
 */
function writeForEver(store) {
  const create = (schema) => store.commit({ kind: 'createTable', table: planTable(store.catalog, schema) })
  const columns = [
    { name: 'id', type: 'INT64' },
    { name: 'name', type: 'STRING' },
  ]
  if (store.catalog.tables.length === 0) create({ kind: 'node', name: 'N', columns, keyColumn: 0 })
  if (store.catalog.tables.length === 1) {
    create({ kind: 'rel', name: 'R', fromTable: 'N', toTable: 'N', columns: [] })
  }
  const budget = new MemoryBudget(1 << 26)
  let snapshot = new Snapshot(store.catalog, store.reader, { budget, cacheBytes: 1 << 20 })
  for (;;) {
    const [nodes] = snapshot.catalog.tables
    const number = snapshot.nodes(nodes).rowCount
    const transaction = new WriteTransaction(snapshot)
    transaction.createNode(1, [BigInt(number), null])
    if (number > 0) {
      transaction.setNode(1, number - 1, 1, `named by ${number}`)
      transaction.createRel(2, number, number - 1, [])
    }
    if (number >= 10) transaction.deleteNode(1, number - 10, { detach: true })
    const writes = store.commit({ kind: 'writes', bytes: transaction.encoded() })
    process.stdout.write(`durable ${number + 1}\n`)
    snapshot = snapshot.advance(decodeChange(writes))
    const merged = number % 7 === 6 ? store.checkpoint() : null
    if (merged !== null) snapshot = snapshot.advance(decodeChange(merged))
  }
}

try {
  const store = Store.open(path, { pool: BufferPool.create(1 << 20) })
  process.stdout.write('open\n')
  if (then === 'wait') setInterval(() => {}, 1000)
  if (then === 'exit') process.exit(0)
  if (then === 'commit') commitForEver(store)
  if (then === 'write') writeForEver(store)
} catch (error) {
  process.stdout.write(`${error.code}: ${error.message}\n`)
}
