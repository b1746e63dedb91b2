/**
 * Rows of a table with other columns than its own: some of them, the row's number, values of rows that
 * foreign keys refer to. What a relationship of a graph is made of.
 * Arrays of one dimension come with square brackets.
 */
export type ProjectedColumn =
  | { readonly kind: 'column'; readonly name: string }
  /** The row's number, from 1 on. */
  | { readonly kind: 'row' }
  /** Of the row that the foreign key of this name refers to: a column, or its number. */
  | { readonly kind: 'parent'; readonly foreignKey: string; readonly column?: string }

export interface Projection {
  readonly columns: readonly ProjectedColumn[]
  /** Rows with a NULL in one of the first so many columns are left out. */
  readonly neededColumns: number
}
