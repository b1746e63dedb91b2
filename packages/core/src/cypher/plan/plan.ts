/**
 * What a query does, as plain data (but for rows from outside, which are what was found of them): made by the
 * planner, run by the executor, and to be read by people who ask why.
 *
 * - Stages take each other's rows: parts (which match and project), UNWINDs, rows from
 *   outside, and clauses that write.
 * - A part has one pipeline for each combination of tables its pattern can be matched in; their rows follow
 *   each other.
 * - A pipeline's steps each take batches and give batches. Columns are slots; slots 0 … are the columns that
 *   the stage before hands on.
 * - A node slot holds offsets within the one table it has in that pipeline, a relationship slot positions
 *   within its table. Where they leave the pipeline they become identities (`vectors/identity.ts`), which
 *   carry the table.
 */
import type { AggregateFunction, Expr } from '../expression/expression.js'
import type { ValueType } from '../expression/types.js'
import type { ExternalRows } from '../external.js'
import type { Place } from '../syntax/place.js'
import type { WritePlan } from './write-plan.js'

export interface PropertyRead {
  /** Index of the column in its table. */
  readonly column: number
  readonly slot: number
}

export interface TypedSlot {
  readonly slot: number
  readonly type: ValueType
}

/** A comparison with a constant that row groups can be skipped by. */
export interface ZoneFilter {
  readonly column: number
  readonly operator: '=' | '<' | '<=' | '>' | '>='
  readonly value: Expr
}

export type Step =
  | {
      /** Identities from the part before become offsets; rows of other tables are left out. */
      readonly kind: 'adopt'
      readonly tableId: number
      readonly from: number
      readonly slot: number
      /** Slots that must live on. */
      readonly live: readonly number[]
    }
  | {
      readonly kind: 'scan'
      readonly table: string
      readonly tableId: number
      /** Null when only the number of rows matters. */
      readonly slot: number | null
      readonly zones: readonly ZoneFilter[]
      readonly live: readonly number[]
    }
  | {
      /** For every row, the node whose key equals `key`; no row where there is none. */
      readonly kind: 'lookup'
      readonly table: string
      readonly tableId: number
      readonly key: Expr
      /** `key` is a constant list: every node whose key is in it, each once, in the order of the table. */
      readonly isList: boolean
      readonly slot: number
      readonly live: readonly number[]
    }
  | {
      readonly kind: 'expand'
      readonly table: string
      readonly tableId: number
      readonly direction: 'forward' | 'backward'
      readonly from: number
      /** Null when nobody asks for the neighbour. */
      readonly neighbour: number | null
      /** Null when nobody asks for the relationship. */
      readonly rel: number | null
      /** Read straight from the chunks: forward only. */
      readonly reads: readonly PropertyRead[]
      /** An undirected pattern meets a loop once: leave it out on the way back. */
      readonly skipLoops: boolean
      readonly live: readonly number[]
    }
  | {
      readonly kind: 'nodeProperties'
      readonly table: string
      readonly tableId: number
      readonly from: number
      /** The nodes are neighbours in any order, not scanned one after the other. */
      readonly scattered: boolean
      readonly reads: readonly PropertyRead[]
    }
  | {
      readonly kind: 'relProperties'
      readonly table: string
      readonly tableId: number
      readonly from: number
      readonly reads: readonly PropertyRead[]
    }
  | { readonly kind: 'filter'; readonly condition: Expr; readonly live: readonly number[] }
  | {
      /** Every row with every row of `build` whose keys are equal; all of them when there are no keys. */
      readonly kind: 'join'
      readonly build: readonly Step[]
      /** What the build side keeps. */
      readonly kept: readonly TypedSlot[]
      readonly buildKeys: readonly Expr[]
      readonly probeKeys: readonly Expr[]
      readonly live: readonly number[]
    }

export interface Pipeline {
  readonly steps: readonly Step[]
  /** The part's inputs to its tail, over the slots alive at the end. */
  readonly outputs: readonly Expr[]
  /** For outputs that are nodes or relationships: the table their identity carries. */
  readonly identities: readonly (number | null)[]
}

export interface AggregateCall {
  readonly function: AggregateFunction
  readonly distinct: boolean
  /** Slot of the argument; null for `count(*)`. */
  readonly argument: number | null
  readonly place: Place
}

export interface PartPlan {
  readonly kind: 'part'
  readonly pipelines: readonly Pipeline[]
  /** Types of the pipelines' outputs; ANY where a parameter decides. */
  readonly inputTypes: readonly ValueType[]
  readonly aggregation: {
    readonly keyCount: number
    readonly calls: readonly AggregateCall[]
    readonly outputs: readonly Expr[]
  } | null
  readonly distinct: boolean
  readonly order: readonly { readonly slot: number; readonly descending: boolean }[]
  readonly skip: Expr | null
  readonly limit: Expr | null
  /** Columns handed on; those behind are hidden, for ordering. */
  readonly visibleColumns: number
}

/** Every row with every item of a list. */
export interface UnwindPlan {
  readonly kind: 'unwind'
  readonly variable: string
  /** A parameter, a list of constants, or a slot that holds lists. */
  readonly list: Expr
  /** Property of each column that is added; null alone where the items themselves are one. */
  readonly properties: readonly (string | null)[]
}

/** Every row with every row from outside. */
export interface SourcePlan {
  readonly kind: 'source'
  /** As errors name it. */
  readonly what: string
  readonly rows: ExternalRows
  /** Which of its columns are added, by index. */
  readonly read: readonly number[]
}

export type StagePlan = PartPlan | UnwindPlan | SourcePlan | WritePlan

export interface ResultColumn {
  readonly name: string
  readonly type: ValueType
}

export interface QueryPlan {
  /** The statement, for the excerpts of errors. */
  readonly text: string
  /** One after the other: each takes the rows of the one before. */
  readonly stages: readonly StagePlan[]
  /** True when it needs a `WritableGraph`. */
  readonly writes: boolean
  /** True when it holds what was found outside, which may be other than it was: it is for one run. */
  readonly isExternal: boolean
  /** None when nothing is returned. */
  readonly columns: readonly ResultColumn[]
}
