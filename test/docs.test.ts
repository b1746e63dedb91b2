import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { readText, root } from './source-tree.js'

const pages = [
  'README.md',
  ...['csv', 'cypher', 'import', 'reading', 'datagen', 'security'].map((name) => `docs/${name}.md`),
]

function blocksOf(page: string, language: string): string[] {
  return [...readText(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, block]) => block!,
  )
}

/** What is wrong with a program as it stands, in a module; null when it can be compiled. */
function errorOf(source: string): string | null {
  try {
    new Script(`(async () => {\n${source.replaceAll(/^import .*$/gm, '')}\n})`)
    return null
  } catch (error) {
    return `${(error as Error).message} in\n${source}`
  }
}

describe('the docs', () => {
  test('have programs that can be compiled', () => {
    const programs = pages.flatMap((page) => ['js', 'ts'].flatMap((language) => blocksOf(page, language)))
    expect(programs.length).toBeGreaterThan(8)
    expect(programs.map(errorOf).filter((error) => error !== null)).toEqual([])
  })

  test('have statements that can be parsed: one a line, and those that are indented belong to it', async () => {
    const built = pathToFileURL(join(root, 'packages/core/dist/query.js')).href
    const { parse } = (await import(built)) as { parse(statement: string): unknown }
    const statements = blocksOf('docs/cypher.md', 'cypher').flatMap((block) =>
      block.trimEnd().split(/\n(?=\S)/),
    )
    expect(statements.length).toBeGreaterThan(30)
    for (const statement of statements) expect(() => parse(statement), statement).not.toThrow()
  })
})
