import { describe, expect, it } from 'vitest'
import { barChart, lineChart } from './index.js'
import { niceMax } from './svg.js'

const widths = (svg: string, colour: string) =>
  [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="[\d.]+" fill="(#\w+)"/g)]
    .filter((match) => match[3] === colour)
    .map((match) => ({ x: Number(match[1]), width: Number(match[2]) }))
    // The first is the legend's.
    .slice(1)

const groups = [
  { label: 'N1', values: [10, 5] },
  { label: 'N2', values: [20, undefined] },
]

describe('bar charts', () => {
  it('side by side, a bar is as long as its value, and an absent value has none', () => {
    const svg = barChart({ title: 'Rows', series: ['one', 'two'], groups, format: String, stacked: false })
    const [first, second] = widths(svg, '#0072b2')
    expect((second?.width ?? 0) / (first?.width ?? 1)).toBeCloseTo(2, 1)
    expect(widths(svg, '#e69f00')).toHaveLength(1)
  })

  it('end to end, a part begins where the one before it ends', () => {
    const svg = barChart({ title: 'Time', series: ['one', 'two'], groups, format: String, stacked: true })
    const [one] = widths(svg, '#0072b2')
    const [two] = widths(svg, '#e69f00')
    expect(two?.x).toBeCloseTo((one?.x ?? 0) + (one?.width ?? 0), 0)
    expect(svg).toContain('>15</text>')
  })

  it('stay inside the drawing', () => {
    const svg = barChart({ title: 'Rows', series: ['one', 'two'], groups, format: String, stacked: false })
    for (const { x, width } of widths(svg, '#0072b2')) expect(x + width).toBeLessThanOrEqual(760)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('text cannot break out of the drawing', () => {
    const series = ['<script>&"']
    const svg = barChart({ title: 'a < b', series, groups: [], format: String, stacked: false })
    expect(svg).not.toContain('<script>')
    expect(svg).toContain('&lt;script&gt;&amp;&quot;')
  })
})

describe('line charts', () => {
  const points = [
    { x: 100, y: 150 },
    { x: 1000, y: 150 },
    { x: 10_000, y: 75 },
  ]
  const svg = lineChart({
    title: 'Memory',
    lines: [{ name: 'peak', points }],
    formatX: (x) => `${x} MB`,
    formatY: String,
  })
  const places = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }))

  it('equal factors are equal distances', () => {
    const [a, b, c] = places.map(({ x }) => x) as [number, number, number]
    expect(c - b).toBeCloseTo(b - a, 0)
  })

  it('equal values are equally high, smaller ones lower', () => {
    expect(places[0]?.y).toBe(places[1]?.y)
    expect(places[2]?.y).toBeGreaterThan(places[1]?.y ?? 0)
  })

  it('name every size', () => {
    for (const { x } of points) expect(svg).toContain(`>${x} MB</text>`)
  })

  it('one size alone is drawn, too', () => {
    const lines = [{ name: 'peak', points: points.slice(0, 1) }]
    expect(lineChart({ title: 'Memory', lines, formatX: String, formatY: String })).not.toMatch(
      /NaN|Infinity/,
    )
  })
})

describe('the end of an axis', () => {
  it('is at or above the value, and no more than twice as much', () => {
    for (const value of [0.003, 0.9, 1, 7, 10, 151, 256, 9999]) {
      expect(niceMax(value)).toBeGreaterThanOrEqual(value)
      expect(niceMax(value)).toBeLessThanOrEqual(value * 2)
    }
  })
})
