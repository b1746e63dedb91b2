import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { historyLinesMax, readHistory, writeHistory } from './history.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-history-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('history', () => {
  it('comes back newest first from a file that reads oldest first', () => {
    const path = join(folder, 'history')
    writeHistory(path, ['.quit', 'MATCH (a) RETURN a;'])
    expect(readFileSync(path, 'utf8')).toBe('MATCH (a) RETURN a;\n.quit\n')
    expect(readHistory(path)).toEqual(['.quit', 'MATCH (a) RETURN a;'])
  })

  it.skipIf(process.platform === 'win32')('is for its owner only', () => {
    const path = join(folder, 'history')
    writeHistory(path, ['secret'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('keeps the newest lines when there are too many', () => {
    const path = join(folder, 'history')
    writeHistory(
      path,
      Array.from({ length: historyLinesMax + 10 }, (_, i) => `line ${i}`),
    )
    expect(readHistory(path)).toHaveLength(historyLinesMax)
    expect(readHistory(path)[0]).toBe('line 0')
  })

  it('does without when there is no file, or no place for one', () => {
    expect(readHistory(join(folder, 'absent'))).toEqual([])
    expect(() => writeHistory(join(folder, 'no', 'such', 'folder'), ['line'])).not.toThrow()
  })
})
