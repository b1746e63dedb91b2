import { describe, expect, it } from 'vitest'
import { shownCharactersMax } from '../limits.js'
import { MillraceError } from './millrace-error.js'

describe('the message of an error', () => {
  it('shows beginning and end of a long value; its details have all of it', () => {
    const table = `begin${'x'.repeat(70_000)}end`
    const { message, details } = new MillraceError('MILLRACE_NO_TABLE', { table, tables: 'A, B' })
    expect(message).toMatch(/beginx+ … \(\d+ characters left out\) … x+end/)
    expect(message.length).toBeLessThan(shownCharactersMax + 200)
    expect(details.table).toBe(table)
  })

  it('leaves places alone that look like those of the template', () => {
    const { message } = new MillraceError('MILLRACE_NO_TABLE', { table: '{tables}', tables: '$&' })
    expect(message).toContain('There is no table {tables}.')
    expect(message).toContain('$&')
  })
})
