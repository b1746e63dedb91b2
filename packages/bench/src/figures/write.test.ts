import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repositoryFolder } from '../report/index.js'
import { addRecords, noFigures } from './figures.js'
import { sampleRecords } from './sample.fixture.js'
import { madeFiles, readFigures, writeReport } from './write.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-report-'))
  mkdirSync(join(root, 'docs'))
  for (const path of ['docs/benchmarks.md', 'README.md']) {
    writeFileSync(
      join(root, path),
      'before\n<!-- figures:begin -->\nold $& figures\n<!-- figures:end -->\nafter\n',
    )
  }
})
afterEach(() => rmSync(root, { recursive: true }))

const figures = addRecords(noFigures, sampleRecords, 1)
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('the report', () => {
  it('stands between the marks, and leaves the rest alone', () => {
    writeReport(root, figures)
    for (const path of ['docs/benchmarks.md', 'README.md']) {
      expect(read(path)).toMatch(/^before\n<!-- figures:begin[\s\S]*<!-- figures:end -->\nafter\n$/)
      expect(read(path)).not.toContain('old')
    }
  })

  it('shows the median ratio of the pairs, and their range', () => {
    writeReport(root, figures)
    expect(read('docs/benchmarks.md')).toContain('| E1 | Kùzu | 6.00 s | 1.00 s | **6.00×** (5.00×–7.00×) |')
  })

  it('names the machine, the day and the commit', () => {
    writeReport(root, figures)
    expect(read('README.md')).toContain('Millwheel 2, 2 cores, 8 GiB')
    expect(read('README.md')).toContain('2026-01-01 at abc1234')
  })

  it('shows every counter; only those of work are in the chart', () => {
    writeReport(root, figures)
    expect(read('docs/benchmarks.md')).toContain(
      '| case | import | read | parse | waitForSlots | blocksReparsed |',
    )
    expect(read('docs/images/time.svg')).toContain('>parse</text>')
    expect(read('docs/images/time.svg')).not.toContain('waitForSlots')
  })

  it('refers to the charts that it draws, and to no others', () => {
    for (const some of [figures, { ...figures, pairs: [], memory: [] }, noFigures]) {
      const made = madeFiles(root, some)
      const drawn = [...made.keys()].filter((path) => path.endsWith('.svg'))
      const page = made.get('docs/benchmarks.md') ?? ''
      const referred = [...page.matchAll(/\((images\/[\w.]+)\)/g)].map((match) => `docs/${match[1]}`)
      expect(referred.sort()).toEqual(drawn.sort())
    }
  })

  it('is the same when it is made again from what it kept', () => {
    const paths = writeReport(root, figures)
    const first = paths.map(read)
    expect(writeReport(root, readFigures(root)).map(read)).toEqual(first)
  })

  it('refuses a page without marks', () => {
    writeFileSync(join(root, 'README.md'), 'no marks')
    expect(() => writeReport(root, figures)).toThrow('figures:begin')
  })
})

describe('the pages of this repository', () => {
  it('say what the figures of record say', () => {
    for (const [path, text] of madeFiles(repositoryFolder, readFigures(repositoryFolder))) {
      expect(readFileSync(join(repositoryFolder, path), 'utf8'), 'run `pnpm bench:report`').toBe(text)
    }
  })
})
