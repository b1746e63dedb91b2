import type { NodeTable } from '@millrace/core/internal'
import { describe, expect, test } from 'vitest'
import { SampledKeys } from './sampled-keys.js'

const table = (name: string): NodeTable => ({
  kind: 'node',
  id: 1,
  name,
  columns: [{ name: 'id', type: 'STRING' }],
  keyColumn: 0,
  rowCount: 0,
  groups: [],
  keys: { sortedGroups: [], runs: [], hashedRange: null },
})

/** Keys of which everything is known to whoever asks, and what was asked. */
function keys() {
  const asked: string[] = []
  const sampled = new SampledKeys(async (request) => {
    asked.push(`${request.table}: ${request.asked.join(', ')}`)
    return { hasCodes: false, packing: null, readBytes: 77 }
  })
  return { asked, sampled }
}

describe('what a plan asks of keys', () => {
  const [people, places] = [table('People'), table('Places')]

  test('is looked up for each table once, and the plan made of it', async () => {
    const { asked, sampled } = keys()
    const plan = () =>
      sampled.planned((looks) =>
        looks.hasCodes(people) ? 'codes' : looks.readBytesOf(people) + looks.readBytesOf(places),
      )
    expect(await plan()).toBe(154)
    expect(asked).toEqual(['People: hasCodes', 'Places: readBytes'])
    expect(await plan()).toBe(154)
    expect(asked.length).toBe(2)
  })

  test('is nothing where the plan asks for nothing', async () => {
    const { asked, sampled } = keys()
    expect(await sampled.planned(() => 5)).toBe(5)
    expect(asked).toEqual([])
  })

  test('may make it fail only when all is known', async () => {
    const { asked, sampled } = keys()
    const plan = sampled.planned((looks) => {
      if (looks.hasCodes(people)) throw new Error('too early')
      throw new Error('there is no room')
    })
    await expect(plan).rejects.toThrow('there is no room')
    expect(asked).toEqual(['People: hasCodes'])
  })

  test('that cannot be looked up is an error', async () => {
    const damaged = new SampledKeys(() => Promise.reject(new Error('a damaged page')))
    await expect(damaged.planned((looks) => looks.hasCodes(people))).rejects.toThrow('a damaged page')
  })
})
