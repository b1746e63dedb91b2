import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { columns, MemoryGraph } from './memory-graph.test.fixture.js'
import { StoreGraph } from './store-graph.test.fixture.js'
import {
  expected,
  Model,
  type ModelStep,
  modelStep,
  modelTables,
  type RunQuery,
  seen,
} from './write-model.test.fixture.js'

const sizes = fc.record({
  groupRows: fc.integer({ min: 1, max: 5 }),
  chunkRows: fc.integer({ min: 1, max: 4 }),
  runRows: fc.integer({ min: 1, max: 4 }),
})

function isRefused({ apply }: ModelStep, model: Model): boolean {
  try {
    apply(model.copy())
    return false
  } catch {
    return true
  }
}

/** Runs a statement on both, and compares what there is then. */
async function takeStep(step: ModelStep, model: Model, rows: RunQuery): Promise<void> {
  const refused = isRefused(step, model)
  const failure = await rows(step.text, step.parameters).then(
    () => null,
    (error: unknown) => error,
  )
  if (failure !== null && !(refused && isMillraceError(failure))) throw failure
  expect([step.text, failure !== null]).toEqual([step.text, refused])
  if (!refused) step.apply(model)
  expect(await seen(rows)).toEqual(expected(model))
}

test('statements that write do what they mean', async () => {
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
      for (const one of steps) {
        // A graph without transactions keeps what a statement wrote before it failed: such ones are left out.
        if (one.text.startsWith('UNWIND') && isRefused(one, model)) continue
        await takeStep(one, model, (text, parameters = {}) => graph.rows(text, parameters))
      }
    },
  )
  await fc.assert(property, { numRuns: 25 })
})

test('they mean the same in a file, through checkpoints and reopening', async () => {
  const moves = fc.oneof(
    { weight: 8, arbitrary: modelStep },
    { weight: 1, arbitrary: fc.constant('checkpoint' as const) },
    { weight: 1, arbitrary: fc.constant('reopen' as const) },
  )
  const property = fc.asyncProperty(fc.array(moves, { minLength: 10, maxLength: 40 }), async (steps) => {
    const { node, rel } = modelTables
    const graph = new StoreGraph()
    const model = new Model()
    try {
      await graph.rows(`CREATE NODE TABLE ${node.name}(${node.columns}, PRIMARY KEY(id))`)
      await graph.rows(`CREATE REL TABLE ${rel.name}(FROM ${rel.from} TO ${rel.to}, ${rel.columns})`)
      const rows: RunQuery = (text, parameters = {}) => graph.rows(text, parameters)
      for (const step of steps) {
        if (typeof step !== 'string') await takeStep(step, model, rows)
        else {
          if (step === 'checkpoint') graph.checkpoint()
          else graph.reopen()
          expect([step, await seen(rows)]).toEqual([step, expected(model)])
        }
      }
    } finally {
      graph.close()
    }
  })
  await fc.assert(property, { numRuns: 15 })
})
