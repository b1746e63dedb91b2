import { describe, expect, it } from 'vitest'
import { StatementBuffer } from './statement-buffer.js'

describe('StatementBuffer', () => {
  it('waits for the semicolon, however many lines it takes', () => {
    const buffer = new StatementBuffer()
    expect(buffer.add('MATCH (a:A)')).toEqual([])
    expect(buffer.isEmpty).toBe(false)
    expect(buffer.add('RETURN a.x;')).toEqual(['MATCH (a:A)\nRETURN a.x'])
    expect(buffer.isEmpty).toBe(true)
  })

  it('gives several statements of one line, and keeps the beginning of the next', () => {
    const buffer = new StatementBuffer()
    expect(buffer.add('CHECKPOINT; DROP TABLE A; MATCH (a:A)')).toEqual(['CHECKPOINT', 'DROP TABLE A'])
    expect(buffer.isEmpty).toBe(false)
    expect(buffer.add('RETURN a.x;')).toEqual(['MATCH (a:A)\nRETURN a.x'])
  })

  it('does not end a statement in a string, a name or a comment', () => {
    const buffer = new StatementBuffer()
    expect(buffer.add("MATCH (a:A) WHERE a.x = 'one;")).toEqual([])
    expect(buffer.add("two;' // three;")).toEqual([])
    expect(buffer.add('/* four;')).toEqual([])
    expect(buffer.add('*/ RETURN a.`x;`;')).toHaveLength(1)
    expect(buffer.isEmpty).toBe(true)
  })

  it('reads a long string of many lines once, not again for each of its semicolons', () => {
    const buffer = new StatementBuffer()
    const before = process.cpuUsage()
    expect(buffer.add("RETURN 'a;")).toEqual([])
    const early: string[] = []
    for (let line = 0; line < 40_000; line++) early.push(...buffer.add(`line ${line};`))
    expect(early).toEqual([])
    expect(buffer.add("it\\'s;")).toEqual([])
    expect(buffer.add("' AS x; CHECKPOINT")).toHaveLength(1)
    expect(buffer.add(';')).toEqual(['CHECKPOINT'])
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(5_000_000)
  })

  it('does not wait for ever for the end of a statement', () => {
    const buffer = new StatementBuffer()
    const endless = () => {
      for (let line = 0; line < 2000; line++) buffer.add('x'.repeat(1000))
    }
    expect(endless).toThrow(/at most 1048576 characters/)
    buffer.clear()
    expect(buffer.add('CHECKPOINT;')).toEqual(['CHECKPOINT'])
  })

  it('hands over what cannot be read, so that the mistake is told and the next statement is not swallowed', () => {
    const buffer = new StatementBuffer()
    expect(buffer.add('MATCH § RETURN 1;')).toEqual(['MATCH § RETURN 1;'])
    expect(buffer.isEmpty).toBe(true)
  })

  it('takes a last statement without its semicolon', () => {
    const buffer = new StatementBuffer()
    buffer.add('CHECKPOINT')
    expect(buffer.takeRest()).toEqual(['CHECKPOINT'])
    expect(buffer.takeRest()).toEqual([])
  })

  it('forgets on request', () => {
    const buffer = new StatementBuffer()
    buffer.add('MATCH (a:A)')
    buffer.clear()
    expect(buffer.isEmpty).toBe(true)
    expect(buffer.add('CHECKPOINT;')).toEqual(['CHECKPOINT'])
  })
})
