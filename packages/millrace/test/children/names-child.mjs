// Makes tables, relationships and rows of the names in a JSON file, and is killed: nothing is closed.
import { readFileSync, writeFileSync } from 'node:fs'
import { Database } from 'millrace'

const [path, namesFile, csv] = process.argv.slice(2)
const names = JSON.parse(readFileSync(namesFile, 'utf8'))
const quoted = (name) => `\`${name.replaceAll('`', '``')}\``
const cell = (text) => `"${text.replaceAll('"', '""')}"`

const db = await Database.open(path, { threads: 1 })
// One table with a column of every name, and a relationship of every name with a property of that name.
const columns = names.map((name) => `${quoted(name)} STRING`)
await db.run(`CREATE NODE TABLE \`all\`(\`the key\` INT64, ${columns.join(', ')}, PRIMARY KEY(\`the key\`))`)
const header = ['the key', ...names].map(cell).join(',')
writeFileSync(csv, `${header}\n1,${names.map(cell).join(',')}\n2${','.repeat(names.length)}\n`)
await db.copyFrom('all', csv)
for (const name of names) {
  await db.run(`CREATE REL TABLE ${quoted(name)}(FROM \`all\` TO \`all\`, ${quoted(name)} STRING)`)
  const ends = 'MATCH (a:`all` {`the key`: 1}), (b:`all` {`the key`: 2})'
  await db.run(`${ends} CREATE (a)-[:${quoted(name)} {${quoted(name)}: $value}]->(b)`, { value: name })
}
process.kill(process.pid, 'SIGKILL')
