/** Check constraints that compare two columns: the larger one is made from the smaller one. */
import type { Fact } from './check-parser.js'
import { type FactContext, type Fitted, listed, type Options, unitOf } from './fitting.js'

/** `start_date < end_date`: the larger one comes after the smaller one, by at least as much as `<` needs. */
export function applyOrder(
  fact: Extract<Fact, { kind: 'order' }>,
  columns: readonly Fitted[],
  { options, referring, differ }: FactContext,
): boolean {
  if (fact.operator === '<>') return differ(fact.column, fact.other)
  if (fact.operator === '=') return false
  const isLess = fact.operator === '<' || fact.operator === '<='
  const isStrict = fact.operator === '<' || fact.operator === '>'
  const [earlier, later] = isLess ? [fact.column, fact.other] : [fact.other, fact.column]
  const laterColumn = columns.find(({ name }) => name === later)!
  const earlierColumn = columns.find(({ name }) => name === earlier)!
  const before = options.get(earlier)!
  const after = options.get(later)!
  if (!areOrdered(earlierColumn, laterColumn) || referring.has(later)) return false
  if (follows(earlier, later, options)) return false
  if (follows(later, earlier, options)) {
    const known = after.after?.column === earlier ? after.after.min : undefined
    if (isStrict && known === undefined && laterColumn.options.after === undefined)
      after.after = { ...after.after!, min: strictDistance(laterColumn) }
    return !isStrict || known !== undefined || laterColumn.options.after === undefined
  }
  const own = laterColumn.options
  if (
    own.after !== undefined ||
    own.rules !== undefined ||
    listed(own) !== undefined ||
    own.formula !== undefined ||
    own.copy !== undefined
  )
    return false
  // What comes after one column already must come after this one, which then has to come after the other.
  if (after.after !== undefined && !follows(earlier, after.after.column, options)) return false
  const distance = strictDistance(laterColumn)
  const { min: _, start: __, distribution: ___, generator: ____, ...rest } = after
  options.set(later, { ...rest, after: { column: earlier, ...(isStrict && { min: distance }) } })
  keepRoom(before, after, { earlierColumn, laterColumn, distance: isStrict ? distance : 0 })
  return true
}

const numberKinds = ['integer', 'decimal', 'double']
const momentKinds = ['date', 'timestamp']

/** Both are numbers, or both moments: one can be made by adding to the other. */
function areOrdered(a: Fitted, b: Fitted): boolean {
  return [numberKinds, momentKinds].some(
    (kinds) => kinds.includes(a.type.kind) && kinds.includes(b.type.kind),
  )
}

/** `column` comes after `other`, at once or by way of further columns. */
function follows(column: string, other: string, options: ReadonlyMap<string, Options>): boolean {
  const seen = new Set<string>()
  for (let at: string | undefined = column; at !== undefined && !seen.has(at); ) {
    seen.add(at)
    at = options.get(at)?.after?.column
    if (at === other) return true
  }
  return false
}

/** The least that makes one value larger than another. */
function strictDistance(column: Fitted): string | number {
  const { kind } = column.type
  return kind === 'date' ? '1d' : kind === 'timestamp' ? '1s' : unitOf(column)
}

/** The smaller one keeps above the bound of the larger one, and leaves room below its largest value. */
function keepRoom(
  before: Options,
  after: Options,
  given: { readonly earlierColumn: Fitted; readonly laterColumn: Fitted; readonly distance: string | number },
): void {
  const { type } = given.laterColumn
  if (!numberKinds.includes(type.kind)) return
  const { precision, scale = 0 } = type
  const largest = precision === undefined ? type.max : 10 ** (precision - scale) - 10 ** -scale
  const limit = typeof after.max === 'number' ? after.max : largest
  if (typeof after.min === 'number' && before.min === undefined) before.min = after.min
  if (limit === undefined || Number(before.max ?? Number.POSITIVE_INFINITY) <= limit - Number(given.distance))
    return
  const isOwn = given.earlierColumn.options.max !== undefined
  if (!isOwn && (typeof after.max === 'number' || limit < 1_000_001))
    before.max = limit - Number(given.distance)
}
