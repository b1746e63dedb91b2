import { describe, expect, it } from 'vitest'
import { generate, templates } from './index.js'

describe('the templates', () => {
  for (const { name } of templates()) {
    it(`${name} can be a thousand times as large`, async () => {
      const data = await generate(name, { scale: 1000 })
      expect(Math.max(...data.tables.map(({ rows }) => rows))).toBeGreaterThan(10_000_000)
    })
  }

  for (const { name, description } of templates()) {
    it(`${name} can be made, all its checks are understood, and its columns are what its tables say`, async () => {
      expect(description).not.toBe('')
      const data = await generate(name, { scale: 0.02 })
      expect(data.warnings).toEqual([])
      for (const table of data.schema.tables) {
        for await (const batch of data.batches(table.name)) {
          for (const row of batch.rows()) {
            for (const column of table.columns) if (!column.nullable) expect(row[column.name]).not.toBeNull()
          }
        }
      }
    })
  }
})
