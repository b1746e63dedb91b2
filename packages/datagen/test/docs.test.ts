/** The schemas in the documentation can be made, and it names every generator. */
import { readFileSync } from 'node:fs'
import { generate, generatorNames, schemaText } from '@millrace/datagen'
import { describe, expect, it } from 'vitest'

const page = readFileSync(new URL('../../../docs/datagen.md', import.meta.url), 'utf8')
const schemas = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text as string)

describe('docs/datagen.md', () => {
  it('has schemas that are made without a note', async () => {
    expect(schemas.length).toBeGreaterThan(1)
    for (const text of schemas) {
      const data = await generate(schemaText(text, 'datagen.md'), { scale: 0.1 })
      expect(data.warnings).toEqual([])
      let bytes = 0
      for await (const chunk of data.stream({ format: 'copy' })) bytes += chunk.length
      expect(bytes).toBeGreaterThan(10_000)
    }
  })

  it('names every generator of texts, and no other', () => {
    const table = page.slice(
      page.indexOf('Generators of texts by name'),
      page.indexOf('They draw from pools'),
    )
    const named = [...table.matchAll(/`([a-z_0-9]+)`/g)].map(([, name]) => name as string)
    expect(named.filter((name) => !['e164', 'length', 'value'].includes(name)).sort()).toEqual(generatorNames)
  })
})
