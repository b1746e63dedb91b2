/**
 * Plans bound queries: a pipeline for each combination of tables, then what is done with all their rows
 * together.
 */
import type { BoundPart, BoundStage } from '../bind/query.js'
import { typeOf } from '../expression/compile.js'
import { PipelineBuilder } from './pipeline-builder.js'
import type { AggregateCall, PartPlan, QueryPlan, StagePlan } from './plan.js'
import { planWrite } from './write-plan.js'

/** Plans a query; `text` is its statement. */
export function planQuery(stages: readonly BoundStage[], text: string): QueryPlan {
  const planned = stages.map((stage, index) => planStage(stage, index === 0, text))
  const writes = stages.some(({ kind }) => kind === 'write')
  const last = stages.at(-1)!
  const isExternal = stages.some(({ kind }) => kind === 'source')
  return {
    text,
    stages: planned,
    writes,
    isExternal,
    columns: last.kind === 'part' ? resultColumns(last) : [],
  }
}

function planStage(stage: BoundStage, isFirst: boolean, text: string): StagePlan {
  switch (stage.kind) {
    case 'part':
      return planPart(stage, isFirst, text)
    case 'unwind': {
      const { kind, variable, list, properties } = stage
      return { kind, variable, list, properties }
    }
    case 'source': {
      const { kind, what, rows, read } = stage
      return { kind, what, rows, read }
    }
    case 'write':
      return planWrite(stage, text)
  }
}

function planPart(part: BoundPart, isFirst: boolean, text: string): PartPlan {
  const { projection } = part
  const { aggregation } = projection
  return {
    kind: 'part',
    pipelines: part.alternatives.map((alternative) =>
      new PipelineBuilder(part, alternative, text).build(isFirst),
    ),
    inputTypes: projection.inputs.map((input) => typeOf(input, text)),
    aggregation: aggregation && {
      keyCount: aggregation.keyCount,
      calls: aggregation.calls.map(
        ({ call, argument }): AggregateCall => ({
          function: call.function,
          distinct: call.distinct,
          argument,
          place: call.place,
        }),
      ),
      outputs: aggregation.outputs,
    },
    distinct: projection.distinct,
    order: projection.order,
    skip: projection.skip,
    limit: projection.limit,
    visibleColumns: projection.columns.length,
  }
}

/** Columns of the same name are numbered: `a`, `a_2`. */
function resultColumns(part: BoundPart): QueryPlan['columns'] {
  const taken = new Set<string>()
  return part.projection.columns.map(({ name, type }) => {
    let distinct = name
    for (let number = 2; taken.has(distinct); number++) distinct = `${name}_${number}`
    taken.add(distinct)
    return { name: distinct, type }
  })
}
