/** The tables that benches print. */
import Table from 'cli-table3'

/** An empty table without colours. Columns are numbers, to the right, but for `left`. */
export function terminalTable(headings: readonly string[], left: readonly number[] = [0]): Table.Table {
  return new Table({
    head: [...headings],
    colAligns: headings.map((_, column) => (left.includes(column) ? 'left' : 'right')),
    style: { head: [], border: [] },
  })
}
