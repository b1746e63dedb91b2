/** Horizontal bars, in groups: side by side to compare, or end to end for the parts of a whole. */
import { characterWidth, chart, chartWidth, colourOf, element, legend, niceMax, text } from './svg.js'

export interface BarGroup {
  readonly label: string
  /** One value for each series; absent where there is none. */
  readonly values: readonly (number | undefined)[]
}

export interface BarChart {
  readonly title: string
  readonly series: readonly string[]
  readonly groups: readonly BarGroup[]
  readonly format: (value: number) => string
  /** Values of a group are parts of one bar. */
  readonly stacked: boolean
}

const right = 90
const barHeight = 15
const stackHeight = 22
const gap = 14

export function barChart({ title, series, groups, format, stacked }: BarChart): string {
  const key = legend(series, 50)
  const sums = groups.map(({ values }) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0))
  const most = stacked ? Math.max(0, ...sums) : Math.max(0, ...groups.flatMap(present))
  const left = 36 + characterWidth * Math.max(0, ...groups.map((group) => [...group.label].length))
  const scale = (chartWidth - left - right) / niceMax(most)
  const drawing = [key.drawing]
  let y = key.bottom + 6
  for (const [at, group] of groups.entries()) {
    const rows = stacked ? 1 : present(group).length
    const height = stacked ? stackHeight : rows * barHeight
    drawing.push(text(left - 12, y + height / 2 + 4, group.label, { 'text-anchor': 'end' }))
    if (stacked) drawing.push(...stack(group, left, y, scale), label(sums[at] ?? 0, y + stackHeight / 2))
    else drawing.push(...sideBySide(group, y))
    y += height + gap
  }
  drawing.push(element('line', { x1: left, y1: key.bottom, x2: left, y2: y - gap + 6, class: 'axis' }))
  return chart(title, y + 4, drawing)

  function label(value: number, middle: number): string {
    return text(left + value * scale + 6, middle + 4, format(value), { class: 'quiet' })
  }

  function sideBySide({ values }: BarGroup, top: number): string[] {
    let row = top
    return values.flatMap((value, index) => {
      if (value === undefined) return []
      const size = { x: left, y: row + 1, width: value * scale, height: barHeight - 2 }
      const drawn = [element('rect', { ...size, fill: colourOf(index) }), label(value, row + barHeight / 2)]
      row += barHeight
      return drawn
    })
  }
}

function present({ values }: BarGroup): number[] {
  return values.filter((value) => value !== undefined)
}

function stack({ values }: BarGroup, left: number, y: number, scale: number): string[] {
  let x = left
  return values.flatMap((value, index) => {
    if (value === undefined) return []
    const width = value * scale
    x += width
    return [element('rect', { x: x - width, y, width, height: stackHeight, fill: colourOf(index) })]
  })
}
