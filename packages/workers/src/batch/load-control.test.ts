import { describe, expect, it } from 'vitest'
import {
  beginCommit,
  beginTask,
  endCommit,
  LoadControl,
  LoadStopped,
  throwIfCalledOff,
  throwIfStopped,
} from './load-control.js'

/** A task that is sent and not answered until `answer` is called. */
function sent(control: LoadControl, slot: number) {
  let number = 0
  let answer: (value: string) => void = () => {}
  const result = control.run(slot, async (given) => {
    number = given
    return await new Promise<string>((resolve) => {
      answer = resolve
    })
  })
  result.catch(() => {})
  return { result, number, answer: (value: string) => answer(value) }
}

describe('a load', () => {
  it('that is called off cannot be committed', () => {
    const control = new LoadControl(1)
    expect(control.callOff()).toBe(true)
    expect(control.callOff()).toBe(true)
    expect(() => throwIfCalledOff(control.words)).toThrow(LoadStopped)
    expect(() => beginCommit(control.words)).toThrow(LoadStopped)
  })

  it('that is being committed cannot be called off; when it has been, what follows can', () => {
    const control = new LoadControl(1)
    beginCommit(control.words)
    expect(control.callOff()).toBe(false)
    throwIfCalledOff(control.words)
    endCommit(control.words)
    expect(control.callOff()).toBe(true)
    endCommit(control.words)
    expect(() => throwIfCalledOff(control.words)).toThrow(LoadStopped)
  })
})

describe('tasks that are stopped', () => {
  it('before they have begun reject at once, and never begin', async () => {
    const control = new LoadControl(2)
    const { result, number } = sent(control, 1)
    control.stopTasks()
    await expect(result).rejects.toThrow(LoadStopped)
    expect(() => beginTask(control.words, 1, number)).toThrow(LoadStopped)
    // Nor when tasks run again, and the slot is another one's.
    control.allowTasks()
    const next = sent(control, 1)
    expect(() => beginTask(control.words, 1, number)).toThrow(LoadStopped)
    beginTask(control.words, 1, next.number)
    next.answer('done')
    expect(await next.result).toBe('done')
  })

  it('when they have begun are told so, and waited for', async () => {
    const control = new LoadControl(1)
    const { result, number, answer } = sent(control, 0)
    beginTask(control.words, 0, number)
    throwIfStopped(control.words)
    control.stopTasks()
    expect(() => throwIfStopped(control.words)).toThrow(LoadStopped)
    answer('ended')
    expect(await result).toBe('ended')
    await expect(control.run(0, async () => 'another')).rejects.toThrow(LoadStopped)
  })
})
