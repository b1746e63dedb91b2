/**
 * Plans bound queries: a pipeline for each combination of tables, then what is done with all their rows
 * together.
 */
import type { BoundPart } from '../bind/query.js'
import { typeOf } from '../expression/compile.js'
import { PipelineBuilder } from './pipeline-builder.js'
import type { AggregateCall, PartPlan, QueryPlan } from './plan.js'

/** Plans a query; `text` is its statement. */
export function planQuery(parts: readonly BoundPart[], text: string): QueryPlan {
  const planned = parts.map((part, index) => planPart(part, index === 0, text))
  return { text, parts: planned, columns: resultColumns(parts.at(-1)!) }
}

function planPart(part: BoundPart, isFirst: boolean, text: string): PartPlan {
  const { projection } = part
  const { aggregation } = projection
  return {
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
