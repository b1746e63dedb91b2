/** Lines over a logarithmic axis of sizes; the vertical axis begins at zero. */
import { chart, chartWidth, colourOf, element, legend, niceMax, text } from './svg.js'

export interface Line {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface LineChart {
  readonly title: string
  readonly lines: readonly Line[]
  readonly formatX: (value: number) => string
  readonly formatY: (value: number) => string
}

const left = 80
const right = 40
const plotHeight = 260
/** `niceMax` divides well by it. */
const ticks = 4

export function lineChart({ title, lines, formatX, formatY }: LineChart): string {
  const key = legend(
    lines.map((line) => line.name),
    50,
  )
  const top = key.bottom + 10
  const points = lines.flatMap((line) => line.points)
  const sizes = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b)
  const first = Math.log(sizes[0] ?? 1)
  const span = Math.log(sizes.at(-1) ?? 1) - first || 1
  const most = niceMax(Math.max(0, ...points.map((point) => point.y)))
  const across = (x: number) => left + 20 + ((Math.log(x) - first) / span) * (chartWidth - left - right - 20)
  const down = (y: number) => top + plotHeight * (1 - y / most)

  const drawing = [key.drawing]
  for (let tick = 0; tick <= ticks; tick++) {
    const value = (most * tick) / ticks
    const y = down(value)
    drawing.push(element('line', { x1: left, y1: y, x2: chartWidth - right + 10, y2: y, class: 'axis' }))
    drawing.push(
      text(left - 8, y + 4, value === 0 ? '0' : formatY(value), { class: 'quiet', 'text-anchor': 'end' }),
    )
  }
  for (const size of sizes) {
    const place = { class: 'quiet', 'text-anchor': 'middle' }
    drawing.push(text(across(size), top + plotHeight + 20, formatX(size), place))
  }
  for (const [index, line] of lines.entries()) {
    const places = line.points.map((point) => ({ x: across(point.x), y: down(point.y) }))
    const path = places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
    const stroke = colourOf(index)
    drawing.push(element('polyline', { points: path, fill: 'none', stroke, 'stroke-width': 2 }))
    drawing.push(...places.map(({ x, y }) => element('circle', { cx: x, cy: y, r: 4, fill: stroke })))
  }
  return chart(title, top + plotHeight + 36, drawing)
}
