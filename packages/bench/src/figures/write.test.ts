import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repositoryFolder } from '../report/index.js'
import { addRecords } from './add-records.js'
import { noFigures } from './figures.js'
import { sampleRecords } from './sample.fixture.js'
import { madeFiles, readFigures, writeReport } from './write.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-report-'))
  mkdirSync(join(root, 'docs'))
  for (const path of ['docs/benchmarks.md', 'docs/reading.md', 'README.md']) {
    writeFileSync(
      join(root, path),
      'before\n<!-- figures:begin -->\nold $& figures\n<!-- figures:end -->\nafter\n',
    )
  }
})
afterEach(() => rmSync(root, { recursive: true }))

const figures = addRecords(noFigures, sampleRecords, { scale: 1 })
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('the report', () => {
  it('stands between the marks, and leaves the rest alone', () => {
    writeReport(root, figures)
    for (const path of ['docs/benchmarks.md', 'README.md']) {
      expect(read(path)).toMatch(/^before\n<!-- figures:begin[\s\S]*<!-- figures:end -->\nafter\n$/)
      expect(read(path)).not.toContain('old $& figures')
    }
  })

  it('shows the median ratio of the pairs, and their range', () => {
    writeReport(root, figures)
    expect(read('docs/benchmarks.md')).toContain('| E1 | Kùzu | 6.00 s | 1.00 s | **6.00×** (5.00×–7.00×) |')
  })

  it('shows the whole processes beside the imports, here and in the README', () => {
    writeReport(root, figures)
    // Of 5100, 14100 and 6100 ms to 1100, 2100 and 1100 ms.
    expect(read('docs/benchmarks.md')).toContain('(5.00×–7.00×) | 6.10 s | 1.10 s | 5.55× |')
    expect(read('README.md')).toContain('| 6.00× (5.55×) |')
  })

  it('a copy of the file stands beside the disk, not beside other engines', () => {
    writeReport(root, figures)
    const [others = '', disk = ''] = read('docs/benchmarks.md').split('### Beside the disk')
    expect(others).not.toContain('cp + sync')
    expect(disk).toContain('| E1 | 200 MB | 6.00 s | 1.00 s | **0.17×** (0.14×–0.20×) |')
  })

  it('shows reading beside other parsers: the median ratio, and that of the processes', () => {
    writeReport(root, figures)
    // Reading 5000, 12,000 and 7000 ms beside 500, 600 and 500 ms; processes take 100 ms more.
    expect(read('docs/benchmarks.md')).toContain(
      '| N2 | csv-parser | 7.00 s | 0.500 s | **14.0×** (10.0×–20.0×) |',
    )
    expect(read('docs/reading.md')).toContain('| 10.00 M | 160 MB | 14.0× (11.8×) | 14.0× (11.8×) |')
    expect(read('docs/reading.md')).toContain('From 100 MB to 1000 MB of input, the peaks lie between 165 MB')
  })

  it('tells how time and memory grow with the input', () => {
    writeReport(root, figures)
    expect(read('docs/benchmarks.md')).toContain(
      '- Default budget: a byte of 1056 MB takes 1.00× the time of a byte of 106 MB; the peaks lie within',
    )
  })

  it('an import that had too little memory is shown as one that failed', () => {
    writeReport(root, figures)
    expect(read('docs/benchmarks.md')).toContain('| 64 MiB | 0 of 1 | – | – | – | – |')
    expect(read('docs/benchmarks.md')).toContain('- N2 within 64 MiB: killed: out of memory')
  })

  it('has a section for everything that was measured, and none for what was not', () => {
    const headings = (text: string) => text.match(/^### .*$/gm) ?? []
    expect(headings(madeFiles(root, figures).get('docs/benchmarks.md') ?? '')).toHaveLength(14)
    expect(headings(madeFiles(root, noFigures).get('docs/benchmarks.md') ?? '')).toEqual([])
  })

  it('counters that only some imports have leave the others empty', () => {
    const [first, second] = figures.imports
    const medians = { ...first!.medians, timings: { ...first!.medians.timings, unpackMs: 7 } }
    const imports = [{ ...first!, medians }, second!]
    const page = madeFiles(root, { ...figures, imports }).get('docs/benchmarks.md')
    expect(page).toContain('| case | import | read | parse | unpack | waitForSlots | blocksReparsed |')
    expect(page).toContain('| E1 | 1.00 s | 0.100 s | 0.500 s | – |')
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
    for (const some of [figures, { ...figures, pairs: [], memory: [], readSizes: [] }, noFigures]) {
      const made = madeFiles(root, some)
      const drawn = [...made.keys()].filter((path) => path.endsWith('.svg'))
      const page = made.get('docs/benchmarks.md') ?? ''
      const referred = [...page.matchAll(/\((images\/[\w.-]+)\)/g)].map((match) => `docs/${match[1]}`)
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
