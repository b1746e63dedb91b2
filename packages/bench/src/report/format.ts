/** Figures as people read them. */

export function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}

export function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1000).toFixed(elapsedMs < 1000 ? 3 : 2)} s`
}

export function millions(count: number): string {
  return `${(count / 1e6).toFixed(2)} M`
}

/** A count of rows: exact when small. */
export function rowCount(rows: number): string {
  return rows < 1e6 ? rows.toLocaleString('en-US') : `${Number((rows / 1e6).toFixed(2))} M`
}

/** How many times as much: `5.2×`. */
export function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`
}
