/**
 * A process that makes a database, loads, queries, writes and closes, and says what it then has besides what
 * it had before: open files, and what keeps a process alive. It ends by itself, or never.
 */
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 'millrace'

const folder = process.argv[2]

/** Paths of open files of this process; none where the system does not say. */
function openFiles() {
  try {
    return readdirSync('/proc/self/fd').flatMap((name) => {
      try {
        return [readlinkSync(`/proc/self/fd/${name}`)]
      } catch {
        // It was the one that lists them.
        return []
      }
    })
  } catch {
    return []
  }
}

async function work() {
  const db = await Database.open(join(folder, 'graph.mill'), { threads: 2 })
  await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
  const rows = Array.from({ length: 200_000 }, (_, id) => `${id},name ${id}\n`)
  writeFileSync(join(folder, 'n.csv'), `id,name\n${rows.join('')}`)
  await db.copyFrom('N', join(folder, 'n.csv'))
  await db.run('CREATE (:N {id: -1})')
  for await (const _ of db.query('MATCH (n:N) RETURN n.id')) break
  await db.copyFrom('N', join(folder, 'n.csv')).catch(() => {})
  await db.close()
  const reader = await Database.open(join(folder, 'graph.mill'), { readOnly: true })
  await reader.query('MATCH (n:N) RETURN count(*)').toArray()
  await reader.close()
}

const resources = () => process.getActiveResourcesInfo().sort()
const pause = () => new Promise((resolve) => setTimeout(resolve, 50))
// Threads make these; they stay.
void [process.stdout, process.stderr]
await pause()
const before = resources()
await work()
// What threads had goes when they are gone, which the system may take a while to say.
for (let pauses = 0; pauses < 200; pauses++) {
  await pause()
  if (String(resources()) === String(before)) break
}
process.stdout.write(
  JSON.stringify({
    before,
    after: resources(),
    files: openFiles().filter((path) => path.startsWith(folder)),
    left: readdirSync(folder).sort(),
  }),
)
