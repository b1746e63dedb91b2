import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { columns, MemoryGraph } from './memory-graph.test.fixture.js'
import { expected, Model, modelStep, modelTables, seen } from './write-model.test.fixture.js'

const sizes = fc.record({
  groupRows: fc.integer({ min: 1, max: 5 }),
  chunkRows: fc.integer({ min: 1, max: 4 }),
  runRows: fc.integer({ min: 1, max: 4 }),
})

test('statements that write do what they mean', { timeout: 60_000 }, async () => {
  const { node, rel } = modelTables
  const property = fc.asyncProperty(
    sizes,
    fc.array(modelStep, { minLength: 5, maxLength: 25 }),
    async (groups, steps) => {
      const model = new Model()
      for (let id = 0; id < 5; id++) model.create(id, id)
      for (let id = 0; id < 5; id++) model.link(id, (id * 2) % 5, id - 1)
      const graph = new MemoryGraph({
        ...groups,
        nodes: [
          {
            name: node.name,
            columns: columns(node.columns),
            key: 0,
            rows: [...model.nodes].map(([id, { x, name }]) => [id, x, name]),
          },
        ],
        rels: [
          { ...rel, columns: columns(rel.columns), rows: model.rels.map(({ from, to, w }) => [from, to, w]) },
        ],
      })
      for (const { text, parameters, apply } of steps) {
        const next = model.copy()
        let refused = false
        try {
          apply(next)
        } catch {
          refused = true
        }
        // A graph without transactions keeps what a statement wrote before it failed: such ones are left out.
        if (refused && text.startsWith('UNWIND')) continue
        const failure = await graph.rows(text, parameters).then(
          () => null,
          (error: unknown) => error,
        )
        if (failure !== null && !(refused && isMillraceError(failure))) throw failure
        expect([text, failure !== null]).toEqual([text, refused])
        if (!refused) {
          model.nodes.clear()
          for (const [id, values] of next.nodes) model.nodes.set(id, values)
          model.rels = next.rels
        }
        expect(await seen((query, values = {}) => graph.rows(query, values))).toEqual(expected(model))
      }
    },
  )
  await fc.assert(property, { numRuns: 25 })
})
