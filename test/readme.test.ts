import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readText, root } from './source-tree.js'

function blockOf(text: string, language: string): string {
  const block = text.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``))?.[1]
  if (block === undefined) throw new Error(`README.md has no ${language} block`)
  return block
}

it("the README's example runs as it stands and prints what the README says", () => {
  const readme = readText('README.md')
  // Inside node_modules, so that `import … from 'millrace'` finds the package as it does in an application.
  const folder = mkdtempSync(join(root, 'node_modules', '.readme-'))
  try {
    writeFileSync(join(folder, 'example.mjs'), blockOf(readme, 'js'))
    const printed = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' })
    expect(printed).toBe(blockOf(readme, 'text'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
