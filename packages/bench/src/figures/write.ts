/** Writes what is made from the figures into a clone: three pages, the charts, and the figures themselves. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { charts } from './draw.js'
import { type Figures, noFigures } from './figures.js'
import { betweenMarks } from './markdown.js'
import { benchmarksPart, readmePart } from './page.js'
import { readingPart } from './read-page.js'

function figuresPath(root: string): string {
  return join(root, 'packages/bench/figures.json')
}

/** The figures of record; none when there is no file yet. */
export function readFigures(root: string): Figures {
  const path = figuresPath(root)
  // Figures that were kept before there were some of these have none of them.
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Figures>) : {}
  return { ...noFigures, ...kept }
}

/** Every file that is made, by its path from the root, with what it must hold. */
export function madeFiles(root: string, figures: Figures): Map<string, string> {
  const page = (path: string, part: string) => betweenMarks(readFileSync(join(root, path), 'utf8'), part)
  return new Map([
    ['docs/benchmarks.md', page('docs/benchmarks.md', benchmarksPart(figures))],
    ['README.md', page('README.md', readmePart(figures))],
    ['docs/reading.md', page('docs/reading.md', readingPart(figures))],
    ...Object.entries(charts(figures)).map(([name, svg]) => [`docs/images/${name}`, svg] as const),
  ])
}

/** Five digits are more than a measurement has. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
}

/** Returns the paths that were written. */
export function writeReport(root: string, figures: Figures): string[] {
  mkdirSync(join(root, 'docs/images'), { recursive: true })
  const text = JSON.stringify(figures, rounded, 2)
  // From the rounded figures, as they are kept: so the pages can be made again from the file, digit by digit.
  const made = madeFiles(root, JSON.parse(text) as Figures)
  for (const [path, content] of made) writeFileSync(join(root, path), content)
  mkdirSync(join(root, 'packages/bench'), { recursive: true })
  writeFileSync(figuresPath(root), `${text}\n`)
  return [...made.keys(), 'packages/bench/figures.json']
}
