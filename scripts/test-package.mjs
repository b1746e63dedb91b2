/**
 * Packs the published packages as npm would receive them, installs them into an empty folder with npm, and
 * uses them there: `import { Database } from 'millrace'` loads a small CSV, and `npx millrace` answers a
 * question about it. `pnpm test:package`; also a part of `npm test`.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './run.mjs'

const published = ['core', 'workers', 'datagen', 'millrace']

const program = `
import { Database } from 'millrace'
const db = await Database.open('towns.mill')
await db.run('CREATE NODE TABLE Town(id INT64, name STRING, PRIMARY KEY(id))')
const { rowsImported } = await db.copyFrom('Town', 'towns.csv')
if (rowsImported !== 2) throw new Error('2 rows expected, ' + rowsImported + ' imported')
await db.close()
`

async function must(command, parameters, cwd) {
  const { code, output } = await run(command, parameters, { cwd, quiet: true })
  if (code === 0) return output
  console.error(`${command} ${parameters.join(' ')} failed (exit code ${code}):\n${output}`)
  throw new Error(`${command} failed`)
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-package-'))
try {
  const packed = join(folder, 'packed')
  const app = join(folder, 'app')
  mkdirSync(packed)
  mkdirSync(app)
  for (const name of published) {
    await must('npm', ['pack', '--pack-destination', packed], join(root, 'packages', name))
  }
  const tarballs = readdirSync(packed).map((name) => join(packed, name))
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n')
  writeFileSync(join(app, 'towns.csv'), 'id,name\n1,Rotterdam\n2,"Aix, en Provence"\n')
  writeFileSync(join(app, 'load.js'), program)
  const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
  await must('npm', ['install', ...quick, ...tarballs], app)
  await must(process.execPath, ['load.js'], app)
  const question = 'MATCH (t:Town) WHERE t.id = 2 RETURN t.name AS name'
  const answer = await must('npx', ['millrace', 'query', 'towns.mill', question, '--format', 'jsonl'], app)
  if (!answer.includes('{"name":"Aix, en Provence"}')) throw new Error(`unexpected answer: ${answer}`)
  console.log('The packed packages load a CSV and answer a query in an empty folder.')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
