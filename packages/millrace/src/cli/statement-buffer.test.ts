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
