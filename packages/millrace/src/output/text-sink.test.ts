import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { OutputClosed, TextSink } from './text-sink.js'

describe('TextSink', () => {
  it('gathers small writes into few large ones and keeps their order', async () => {
    const chunks: string[] = []
    const sink = new TextSink(
      new Writable({
        write(chunk, _encoding, done) {
          chunks.push(String(chunk))
          done()
        },
      }),
    )
    for (let i = 0; i < 50_000; i++) await sink.write(`${i}\n`)
    await sink.flush()
    expect(chunks.join('')).toBe(Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join(''))
    expect(chunks.length).toBeLessThan(10)
  })

  it('waits for a slow reader instead of piling text up', async () => {
    let pendingMax = 0
    let pending = 0
    const sink = new TextSink(
      new Writable({
        highWaterMark: 1024,
        write(chunk, _encoding, done) {
          setImmediate(() => {
            pending -= chunk.length
            done()
          })
        },
      }),
    )
    const line = `${'x'.repeat(1023)}\n`
    for (let i = 0; i < 1000; i++) {
      pending += line.length
      await sink.write(line)
      pendingMax = Math.max(pendingMax, pending)
    }
    await sink.flush()
    expect(pendingMax).toBeLessThan(200_000)
  })

  it('says that the reader is gone, once and for all', async () => {
    const sink = new TextSink(
      new Writable({
        write(_chunk, _encoding, done) {
          done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
        },
      }),
    )
    const writes = async () => {
      for (let i = 0; i < 10; i++) {
        await sink.write('x'.repeat(100_000))
        await new Promise(setImmediate)
      }
    }
    await expect(writes()).rejects.toBeInstanceOf(OutputClosed)
    await expect(sink.flush()).rejects.toBeInstanceOf(OutputClosed)
  })

  it('passes any other failure of the stream on', async () => {
    const sink = new TextSink(
      new Writable({
        write(_chunk, _encoding, done) {
          done(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
        },
      }),
    )
    const writes = async () => {
      await sink.write('text')
      await sink.flush()
      await new Promise(setImmediate)
      await sink.flush()
    }
    await expect(writes()).rejects.toThrow('no space left')
  })
})
