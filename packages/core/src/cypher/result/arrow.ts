/** Builds an Arrow table of result batches. Loaded only when somebody asks for Arrow. */
import { Field, makeData, RecordBatch, Schema, Struct, Table } from 'apache-arrow'
import type { ValueType } from '../expression/types.js'
import type { ResultColumn } from '../plan/plan.js'
import { arrowType, columnData } from './arrow-data.js'
import type { ResultBatch } from './result-batch.js'

export class ArrowBuilder {
  readonly #columns: readonly ResultColumn[]
  readonly #batches: ResultBatch[] = []

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns
  }

  append(batch: ResultBatch): void {
    this.#batches.push(batch)
  }

  finish(): Table {
    const types = this.#columns.map(({ type }, index) => this.#typeOf(type, index))
    const fields = this.#columns.map(({ name }, index) => new Field(name, arrowType(types[index]!), true))
    const schema = new Schema(fields)
    const batches = this.#batches.map((batch) => {
      const children = batch.columns.map((vector, index) =>
        columnData(vector, types[index]!, this.#columns[index]!.name),
      )
      return new RecordBatch(
        schema,
        makeData({ type: new Struct(fields), length: batch.rows, nullCount: 0, children: children as never }),
      )
    })
    return new Table(schema, batches)
  }

  /** A column whose type a parameter decides has that of its vectors. */
  #typeOf(type: ValueType, index: number): ValueType {
    if (type !== 'ANY' && type !== 'NULL') return type
    const vector = this.#batches[0]?.columns[index]
    return vector === undefined || vector.kind === 'entity' ? 'STRING' : (vector.type as ValueType)
  }
}
