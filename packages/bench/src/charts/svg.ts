/**
 * The few pieces of SVG that the charts are drawn with. Text is escaped, numbers are rounded, and colours
 * follow the reader's light or dark mode.
 */

export const chartWidth = 760

/**
 * After Okabe and Ito: told apart by colour-blind readers, too. Every one stands out on white and on black.
 */
const colours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#999999', '#8c6d1f']

export function colourOf(index: number): string {
  return colours[index % colours.length] as string
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => escapes[character] as string)
}

type Attributes = Readonly<Record<string, string | number>>

export function element(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes).map(([key, value]) => {
    const text = typeof value === 'number' ? String(Number(value.toFixed(1))) : escaped(value)
    return ` ${key}="${text}"`
  })
  return content === '' ? `<${name}${list.join('')}/>` : `<${name}${list.join('')}>${content}</${name}>`
}

export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escaped(content))
}

/** Roughly, of the charts' font. */
export const characterWidth = 7.2

/** A little square in each series' colour, with its name. Wraps before the chart's edge. */
export function legend(series: readonly string[], y: number): { drawing: string; bottom: number } {
  const parts: string[] = []
  let x = 16
  let line = y
  for (const [index, name] of series.entries()) {
    const width = 34 + [...name].length * characterWidth
    if (x + width > chartWidth) {
      x = 16
      line += 20
    }
    parts.push(element('rect', { x, y: line - 10, width: 12, height: 12, fill: colourOf(index) }))
    parts.push(text(x + 18, line, name))
    x += width
  }
  return { drawing: parts.join('\n'), bottom: line + 16 }
}

/** A number at or above `value`, for the end of an axis: its quarters are round. */
export function niceMax(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((factor) => factor * power >= value) ?? 10
  return step * power
}

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.quiet { fill: #59636e; font-size: 12px }
.axis { stroke: #d1d9e0; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .quiet { fill: #9198a1 }
  .axis { stroke: #3d444d }
}
</style>`

export function chart(title: string, height: number, drawing: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${chartWidth} ${Math.ceil(height)}`,
    width: chartWidth,
    height: Math.ceil(height),
    role: 'img',
    'aria-label': title,
  }
  const content = ['', style, text(16, 24, title, { class: 'title' }), ...drawing, '']
  return `${element('svg', attributes, content.join('\n'))}\n`
}
