/**
 * A process that opens the database named by its first argument and says "open", or the error's code. As the
 * second argument says, it then waits to be killed (`wait`), ends without closing (`exit`), or commits for
 * ever, saying each time which table is durable (`commit`).
 */
import { BufferPool, planTable, Store } from '@millrace/core/internal'

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

try {
  const store = Store.open(path, { pool: BufferPool.create(1 << 20) })
  process.stdout.write('open\n')
  if (then === 'wait') setInterval(() => {}, 1000)
  if (then === 'exit') process.exit(0)
  if (then === 'commit') commitForEver(store)
} catch (error) {
  process.stdout.write(`${error.code}: ${error.message}\n`)
}
