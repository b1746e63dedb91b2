/** What every workload is described by. */
import type { Random } from './random.js'
import type { RowWriter } from './row-writer.js'
import type { TableDescription } from './table.js'

export const caseNames = ['N1', 'N2', 'N3', 'N4', 'N5', 'E1', 'E2', 'E3', 'A1'] as const
export type CaseName = (typeof caseNames)[number]

/** Made on demand only: too large to be a case among others. */
export type ShapeName = CaseName | 'G1' | 'G2'

/** What a generator counts and sums while it writes. */
export type Totals = Record<string, number>

/** A question to the loaded database, with its one row of answer. */
export interface Check {
  readonly statement: string
  readonly parameters: Readonly<Record<string, string | number>>
  readonly expected: Readonly<Record<string, string | number>>
}

/** What the rows of a file are functions of, besides their numbers. */
export interface ShapeInput {
  readonly rows: number
  /** Rows of the node table that relationships join; 0 for nodes. */
  readonly nodes: number
  readonly random: Random
}

export interface Shape {
  readonly name: ShapeName
  readonly title: string
  /** Rows at scale 1. */
  readonly rows: number
  /** The case whose nodes the relationships join. */
  readonly nodes?: ShapeName
  readonly table: TableDescription
  /** Prepares a generator, which writes row `index` and adds to `totals`. */
  generator(input: ShapeInput): (index: number, out: RowWriter, totals: Totals) => void
  /** What the loaded database must answer: sums over the table, and some rows and neighbours by key. */
  checks(input: ShapeInput, totals: Totals): Check[]
}

export function add(totals: Totals, name: string, value: number): void {
  totals[name] = (totals[name] ?? 0) + value
}

export function addNeighbour(totals: Totals, side: string, node: number, since: number): void {
  add(totals, `${side} ${node} rows`, 1)
  add(totals, `${side} ${node} since`, since)
}

/** Nodes that are looked up by key, and whose neighbours are counted. */
export function sampleNodes(nodes: number): number[] {
  return [...new Set([0, Math.floor(nodes / 3), nodes - 1])]
}

/** The named totals; 0 for what never occurred. */
export function pick(totals: Totals, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, totals[name] ?? 0]))
}
