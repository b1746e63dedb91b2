import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { untilAborted } from './until-aborted.js'

const never = new Promise<never>(() => {})

describe('waiting until a signal is aborted', () => {
  it('gives what the promise becomes', async () => {
    const { signal } = new AbortController()
    await expect(untilAborted(Promise.resolve(7), signal)).resolves.toBe(7)
    await expect(untilAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
  })

  it('ends with the reason for all that wait, and for whoever comes later', async () => {
    const stopping = new AbortController()
    const waits = [1, 2, 3].map(() => untilAborted(never, stopping.signal))
    stopping.abort(new Error('enough'))
    for (const wait of waits) await expect(wait).rejects.toThrow('enough')
    await expect(untilAborted(Promise.reject(new Error('unheard')), stopping.signal)).rejects.toThrow(
      'enough',
    )
    await turn()
  })

  it('does not pile up listeners', async () => {
    const { signal } = new AbortController()
    for (let times = 0; times < 100; times++) await untilAborted(Promise.resolve(), signal)
    void untilAborted(never, signal)
    expect(getEventListeners(signal, 'abort').length).toBe(1)
  })
})
