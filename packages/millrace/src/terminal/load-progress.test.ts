import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { MaybeTerminal } from './colours.js'
import { LoadProgress } from './load-progress.js'

function outputOf(isTTY: boolean): { stream: MaybeTerminal; text: () => string } {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 120,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  })
  let text = ''
  stream.on('data', (chunk) => {
    text += chunk
  })
  return { stream, text: () => text }
}

const half = {
  rowsProcessed: 1_500_000,
  rowsSkipped: 0,
  bytesProcessed: 50_000_000,
  bytesTotal: 100_000_000,
  rowsPerSecond: 2_000_000,
  etaSeconds: 0.75,
}

describe('LoadProgress', () => {
  it('writes a plain line every two seconds where nobody sees a bar move', () => {
    let nowMs = 0
    const { stream, text } = outputOf(false)
    const progress = new LoadProgress({ label: 'Flight', stream, enabled: true, now: () => nowMs })
    progress.update(half)
    nowMs = 1999
    progress.update(half)
    expect(text()).toBe('')
    nowMs = 2000
    progress.update(half)
    nowMs = 3000
    progress.update(half)
    expect(text()).toBe('Flight: 1,500,000 rows, 50.0 MB (50%), 2,000,000 rows/s\n')
  })

  it('writes nothing when progress is not wanted', () => {
    const { stream, text } = outputOf(true)
    const progress = new LoadProgress({ label: 'Flight', stream, enabled: false })
    progress.update(half)
    progress.stop(true)
    expect(text()).toBe('')
  })

  it('draws a bar on a terminal and leaves the cursor at the start of a line', () => {
    const { stream, text } = outputOf(true)
    const progress = new LoadProgress({ label: 'Flight', stream, enabled: true })
    progress.update(half)
    progress.stop(true)
    progress.update(half)
    expect(text()).toContain('Flight')
    expect(text()).toContain('50% │ 1,500,000 rows │ 2,000,000 rows/s │ 750 ms left')
    expect(text()).toContain('100%')
    expect(text()).toContain('done')
    expect(text().endsWith('\n')).toBe(true)
  })

  it('says that it is finishing when everything is read', () => {
    const { stream, text } = outputOf(true)
    const progress = new LoadProgress({ label: 'Flight', stream, enabled: true })
    progress.update({ ...half, bytesProcessed: 99_999_000, etaSeconds: 0.00001 })
    progress.stop(false)
    expect(text()).toContain('finishing')
    expect(text()).not.toContain('done')
  })

  it('says how much of an input of unknown size is done without a percentage', () => {
    let nowMs = 0
    const { stream, text } = outputOf(false)
    const progress = new LoadProgress({ label: 'Event', stream, enabled: true, now: () => nowMs })
    nowMs = 5000
    progress.update({ rowsProcessed: 10, rowsSkipped: 0, bytesProcessed: 2000, rowsPerSecond: 2 })
    expect(text()).toBe('Event: 10 rows, 2.0 kB, 2 rows/s\n')
  })
})
