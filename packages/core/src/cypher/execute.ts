/** Runs a plan over a graph: stages one after the other, each giving batches to the next. */
import { MillraceError } from '../errors/index.js'
import { queryBytesMax } from '../limits.js'
import { MemoryBudget } from '../memory/index.js'
import type { Compiled } from './expression/definition.js'
import type { Expr } from './expression/expression.js'
import type { Parameters } from './expression/parameters.js'
import { commonType, isNumber, sumTypeOf, type ValueType } from './expression/types.js'
import type { GraphReader } from './graph.js'
import { adoptOperator } from './operators/adopt.js'
import { aggregate, distinct } from './operators/aggregate.js'
import { ExecutionContext, type Operator } from './operators/context.js'
import { expandOperator } from './operators/expand.js'
import { filterOperator } from './operators/filter.js'
import { joinOperator } from './operators/join.js'
import { lookupOperator } from './operators/lookup.js'
import { nodePropertiesOperator } from './operators/node-properties.js'
import { asIdentity, project } from './operators/project.js'
import { relPropertiesOperator } from './operators/rel-properties.js'
import { replayable } from './operators/replay.js'
import { scanOperator } from './operators/scan.js'
import { slice } from './operators/slice.js'
import { sort } from './operators/sort.js'
import { runSource } from './operators/source.js'
import { runUnwind } from './operators/unwind.js'
import { runWrite } from './operators/write.js'
import type { PartPlan, QueryPlan, SourcePlan, Step, UnwindPlan } from './plan/plan.js'
import type { WritePlan } from './plan/write-plan.js'
import { asResults, type ResultBatch, withoutRows } from './result/result-batch.js'
import type { Batch } from './vectors/vector.js'

export interface ExecuteOptions {
  /** Where grouping, DISTINCT, sorting and joining reserve what they keep; `queryBytesMax` when absent. */
  readonly budget?: MemoryBudget
  /** Milliseconds of work between two batches without rows; about 10 when absent. */
  readonly workMs?: number
}

/** What flows from one part to the next. */
interface Flow {
  readonly batches: Iterable<Batch>
  readonly types: readonly ValueType[]
}

/**
 * Runs a query. Everything happens between two `next()`, which are about 10 ms at most apart: where there are
 * no rows for longer than that, a batch without rows comes. The caller decides when to let other work in, and
 * ends the query early with `return()`.
 * A plan that writes needs a `WritableGraph`, and writes up to where it fails: the caller takes it back.
 * @throws MillraceError `MILLRACE_PARAMETER`, `MILLRACE_BINDING` (types that parameters decide),
 * `MILLRACE_EVALUATION`,
 *   `MILLRACE_MEMORY_BUDGET`, and what reading pages raises
 */
export function* execute(
  plan: QueryPlan,
  graph: GraphReader,
  parameters: Parameters = {},
  options: ExecuteOptions = {},
): Generator<ResultBatch, void, undefined> {
  const budget = options.budget ?? new MemoryBudget(queryBytesMax)
  const context = new ExecutionContext(graph, plan.text, parameters, budget, options.workMs)
  // The first stage begins with one row without columns.
  let flow: Flow = { batches: [{ rows: 1, columns: [] }], types: [] }
  for (const stage of plan.stages) {
    if (stage.kind === 'part') flow = runPart(stage, flow, context)
    else flow = yield* paced(runStage(stage, flow, context), context)
  }
  // What writes has run; there is nothing to give where nothing is returned.
  if (plan.columns.length === 0) return
  for (const batch of asResults(flow.batches, plan.columns, context)) {
    yield batch
    context.pace.resume()
  }
}

/** What writes runs to its end before the stage behind it begins, and so before that one asks for readers. */
function runStage(
  stage: UnwindPlan | SourcePlan | WritePlan,
  { batches, types }: Flow,
  context: ExecutionContext,
): Generator<Batch, Flow> {
  switch (stage.kind) {
    case 'write':
      return runWrite(stage, batches, types, context)
    case 'unwind':
      return runUnwind(stage, batches, types, context)
    case 'source':
      return runSource(stage, batches, types, context)
  }
}

/** Lets other work in wherever `stage` says so. */
function* paced<T>(stage: Generator<Batch, T>, context: ExecutionContext): Generator<ResultBatch, T> {
  try {
    for (;;) {
      const next = stage.next()
      if (next.done) return next.value
      yield withoutRows(next.value)
      context.pace.resume()
    }
  } finally {
    stage.return(undefined as never)
  }
}

function runPart(part: PartPlan, input: Flow, context: ExecutionContext): Flow {
  const compiled = part.pipelines.map((pipeline) => ({
    pipeline,
    outputs: pipeline.outputs.map((output, index) => {
      const tableId = pipeline.identities[index]
      const value = context.compile(output, input.types)
      return tableId === null || tableId === undefined ? value : asIdentity(value, tableId)
    }),
  }))
  const types = part.inputTypes.map((type, index) =>
    settled(
      type,
      compiled.map(({ outputs }) => outputs[index]!),
    ),
  )
  const matched = function* (): Generator<Batch> {
    const reservation = context.reservation('rows that are matched in several ways')
    // Every pipeline reads the whole input.
    const isShared = part.pipelines.length > 1
    const shared = isShared ? replayable(input.batches, reservation, context.pace) : input.batches
    try {
      for (const { pipeline, outputs } of compiled) {
        const rows = runSteps(pipeline.steps, shared, input.types, context)
        yield* project(rows, outputs, types, context.pace)
      }
    } finally {
      reservation.release()
    }
  }
  return finishPart(part, matched(), types, context)
}

/** The type of a column: as planned, or as the parameters have it. */
function settled(planned: ValueType, columns: readonly Compiled[]): ValueType {
  if (planned !== 'ANY') return planned
  return columns.reduce<ValueType>((type, column) => commonType(type, column.type) ?? type, 'NULL')
}

function runSteps(
  steps: readonly Step[],
  input: Iterable<Batch>,
  inputTypes: readonly ValueType[],
  context: ExecutionContext,
): Iterable<Batch> {
  let batches = input
  for (const step of steps) batches = operatorOf(step, inputTypes, context)(batches)
  return batches
}

function operatorOf(step: Step, inputTypes: readonly ValueType[], context: ExecutionContext): Operator {
  switch (step.kind) {
    case 'adopt':
      return adoptOperator(step)
    case 'scan':
      return scanOperator(step, context)
    case 'lookup':
      return lookupOperator(step, context, inputTypes)
    case 'expand':
      return expandOperator(step, context)
    case 'nodeProperties':
      return nodePropertiesOperator(step, context)
    case 'relProperties':
      return relPropertiesOperator(step, context)
    case 'filter':
      return filterOperator(step, context, inputTypes)
    case 'join': {
      const build = (): Iterable<Batch> =>
        runSteps(step.build, [{ rows: 1, columns: [] }], inputTypes, context)
      return joinOperator(step, context, inputTypes, build)
    }
  }
}

/** Grouping, DISTINCT, ORDER BY, SKIP and LIMIT. */
function finishPart(
  part: PartPlan,
  input: Iterable<Batch>,
  inputTypes: readonly ValueType[],
  context: ExecutionContext,
): Flow {
  let batches = input
  let types = inputTypes
  const { aggregation } = part
  if (aggregation !== null) {
    const results = [
      ...types.slice(0, aggregation.keyCount),
      ...aggregation.calls.map(({ function: name, argument }): ValueType => {
        if (name === 'count' || argument === null) return 'INT64'
        if (name === 'collect') return 'LIST'
        if (name === 'avg') return 'DOUBLE'
        const type = types[argument]!
        return name === 'sum' ? sumTypeOf(type) : type
      }),
    ]
    checkAggregates(part, types)
    const outputs = aggregation.outputs.map((output) => context.compile(output, results))
    batches = aggregate(batches, aggregation, types, context)
    types = outputs.map((output) => output.type)
    batches = project(batches, outputs, types, context.pace)
  }
  if (part.distinct) batches = distinct(batches, types.slice(0, part.visibleColumns), context)
  const skip = rowCount(part.skip, 'SKIP', context) ?? 0
  const limit = rowCount(part.limit, 'LIMIT', context) ?? Number.POSITIVE_INFINITY
  if (part.order.length > 0) batches = sort(batches, part.order, types, skip + limit, context)
  if (skip > 0 || limit < Number.POSITIVE_INFINITY) batches = slice(batches, skip, limit)
  return { batches, types: types.slice(0, part.visibleColumns) }
}

/** Aggregates of parameters have types only now. */
function checkAggregates(part: PartPlan, types: readonly ValueType[]): void {
  for (const { function: name, argument } of part.aggregation!.calls) {
    if (argument === null || (name !== 'sum' && name !== 'avg')) continue
    const type = types[argument]!
    if (!isNumber(type) && type !== 'NULL') {
      throw new MillraceError('MILLRACE_EVALUATION', {
        what: `${name} takes numbers, not ${type}`,
        hint: 'Pass a number as parameter.',
      })
    }
  }
}

/** The number that SKIP or LIMIT says. */
function rowCount(expr: Expr | null, clause: string, context: ExecutionContext): number | null {
  if (expr === null) return null
  const { constant } = context.compile(expr, [])
  if (typeof constant === 'number' && Number.isSafeInteger(constant) && constant >= 0) return constant
  if (expr.kind === 'parameter') {
    const problem = `is ${String(constant)}; ${clause} takes a whole number from 0`
    throw new MillraceError('MILLRACE_PARAMETER', { name: expr.name, problem })
  }
  throw new MillraceError('MILLRACE_EVALUATION', {
    what: `${clause} takes a whole number from 0, not ${String(constant)}`,
    hint: 'Write a number or a $parameter.',
  })
}
