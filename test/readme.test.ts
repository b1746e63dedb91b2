import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readText, root } from './source-tree.js'

function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block!,
  )
}

it("the README's examples run as they stand and print what the README says", () => {
  const readme = readText('README.md')
  const [example, more] = blocksOf(readme, 'js')
  // Inside node_modules, so that `import … from 'millrace'` finds the package as it does in an application.
  const folder = mkdtempSync(join(root, 'node_modules', '.readme-'))
  try {
    const run = (program: string): string => {
      writeFileSync(join(folder, 'example.mjs'), program)
      return execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' })
    }
    expect(run(example!)).toBe(blocksOf(readme, 'text')[0])
    const opened = "import { Database } from 'millrace'\nconst db = await Database.open('flights.mill')\n"
    const rows = "await db.query('MATCH (a)-[r:Route]->(b) RETURN b.city, r.count').toArray()"
    const printed = run(`${opened}${more}\nconsole.log(JSON.stringify(${rows}))\nawait db.close()\n`)
    expect(printed).toContain('{"b.city":"San Luis Obispo","r.count":12}')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
