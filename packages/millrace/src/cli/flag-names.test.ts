import { MillraceError } from '@millrace/core'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { withFlagNames } from './flag-names.js'

const command = new Command().option('--batch-size <rows>').option('--no-empty-as-null')

describe('options in advice', () => {
  it('are called as on the command line, those that it has', () => {
    const details = { purpose: 'The option batchSize', needed: 2, available: 1, budget: 1 }
    const error = withFlagNames(new MillraceError('MILLRACE_MEMORY_BUDGET', details), command)
    expect((error as Error).message).toBe(
      'The option batchSize needs 2 bytes, but only 1 of the budget of 1 are left. Raise --memory, or lower --batch-size, blockSize or threads.',
    )
  })

  it('say how a parameter is given', () => {
    const error = new MillraceError('MILLRACE_PARAMETER', { name: 'x', problem: 'is not given' })
    expect((withFlagNames(error, command) as Error).message).toBe(
      'The parameter x is not given. Give it with --param x=….',
    )
  })

  it('stay as they are in other errors', () => {
    const error = new Error('batchSize')
    expect(withFlagNames(error, command)).toBe(error)
    expect(error.message).toBe('batchSize')
  })
})
