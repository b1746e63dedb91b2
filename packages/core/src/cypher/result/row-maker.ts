/** Gives the value of a row. Calls are in any order. */
export type ValueReader = (row: number) => unknown

/** A row by column name. It has no prototype: every column name is safe. */
export type Row = Record<string, unknown>

/** Makes the row of a number. Calls are in any order. */
export type RowMaker = (row: number) => Row

/** What every object has before anything is put into it. */
const ordinary = {}

/**
 * Makes rows of what `readers` read, under their `names`. Of two with one name the last counts.
 *
 * An object that has no prototype from the beginning is a hash table to V8, which takes several times the
 * memory (480 bytes for six columns, not 106). So rows lose theirs when they are filled, unless a name means
 * something to ordinary objects (`__proto__`, `constructor`).
 */
export function rowMaker(names: readonly string[], readers: readonly ValueReader[]): RowMaker {
  if (names.some((name) => name in ordinary)) {
    return (at) => {
      const row: Row = Object.create(null)
      for (let i = 0; i < readers.length; i++) row[names[i]!] = readers[i]!(at)
      return row
    }
  }
  return (at) => {
    const row: Row = {}
    for (let i = 0; i < readers.length; i++) row[names[i]!] = readers[i]!(at)
    return Object.setPrototypeOf(row, null)
  }
}
