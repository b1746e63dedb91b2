/** Tables in Markdown. */

/** Columns are aligned to the right, but for the first `leftColumns`. */
export function markdownTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns = 1,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const marks = headings.map((_, column) => (column < leftColumns ? '---' : '---:'))
  return [line(headings), `|${marks.join('|')}|`, ...rows.map(line)].join('\n')
}

/** A text with `content` between its marks. Throws when the marks are not there. */
export function betweenMarks(text: string, content: string): string {
  const marks = /<!-- figures:begin[^>]*-->[\s\S]*?<!-- figures:end -->/
  if (!marks.test(text)) throw new Error('the marks figures:begin and figures:end are missing')
  const begin = '<!-- figures:begin (made by `pnpm bench:report`) -->'
  return text.replace(marks, () => `${begin}\n\n${content}\n\n<!-- figures:end -->`)
}
