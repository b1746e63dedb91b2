import { MemoryBudget } from '@millrace/core/internal'
import { expect, test } from 'vitest'
import { LoadControl, SlotPool } from '../batch/index.js'
import type { ParseJob, ParseOutcome } from '../threads/index.js'
import { Coordinator } from './coordinator.js'
import { ErrorLog } from './error-log.js'
import type { Availability, ImportInput, OpenInput } from './input.js'
import { Ledger } from './ledger.js'

/** An input of which `bytes` bytes are there; more come when `ended` is resolved, and are the end. */
function slowInput(bytes: number, ended: Promise<void>): ImportInput {
  return {
    name: 'slow',
    size: undefined,
    windowBytes: Number.POSITIVE_INFINITY,
    bytes: { kind: 'ring', ring: new SharedArrayBuffer(16) },
    checksum: 0,
    waitFor: async (position: number): Promise<Availability> => {
      if (position <= bytes) return { bytes, ended: false }
      await ended
      return { bytes, ended: true }
    },
    read: () => 0,
    readStart: () => undefined,
    release: () => undefined,
    skipTo: async () => null,
    sourceBytesAt: (position) => position,
    readAgain: () => null,
    check: () => undefined,
    close: () => undefined,
  }
}

const parsed = (start: number, end: number): ParseOutcome => ({
  start,
  end,
  rows: end - start,
  records: end - start,
  skipped: 0,
  lines: end - start,
  done: true,
  midLine: false,
  errors: [],
  errorCount: 0,
  errorKinds: {},
  refused: null,
  batch: null,
  places: null,
  timings: { readMs: 0, scanMs: 0, parseMs: 0, encodeMs: 0 },
})

test('a stretch ends in time beside a source that is slow, and the next one goes on where it stood', async () => {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const source: OpenInput = { input: slowInput(100, ended), index: 0, dataStart: 0, dataLine: 0, order: null }
  const ledger = new Ledger()
  const slots = new SlotPool(3, 4096, new MemoryBudget(1 << 20))
  const starts: number[] = []
  const parts = {
    feed: { current: source, hasNext: false, next: async () => undefined },
    // The longest record is of one byte: a block of 30 bytes is dispatched when 32 are there.
    job: { blockBytes: 30, maxRowBytes: 1 } as ParseJob,
    slots,
    control: new LoadControl(3),
    runTask: async ({ start, end: to }: { start: number; end: number }) => {
      starts.push(start)
      return parsed(start, to)
    },
    receiver: { receive: async () => undefined },
    errors: new ErrorLog({ ignoreErrors: false, maxErrors: 0, keptMax: 0 }),
    onRefused: null,
    ledger,
    onBatch: () => undefined,
    signal: null,
  }
  const first = new Coordinator({ ...parts, stretch: { bytes: 1000, ms: 500 } })
  await first.run()
  expect(first.ended).toBe(false)
  expect(starts).toEqual([0, 30, 60])
  expect(ledger.positionWith(0)).toMatchObject({ byteOffset: 90, rows: 90 })
  ledger.beginStretch()
  end()
  const second = new Coordinator({ ...parts, stretch: { bytes: 1000, ms: 500 } })
  await second.run()
  expect(second.ended).toBe(true)
  expect(starts).toEqual([0, 30, 60, 90])
  expect(ledger.positionWith(0)).toMatchObject({ byteOffset: 100, rows: 100 })
})

test('a stretch ends behind the block that makes it long enough', async () => {
  const input = slowInput(100, Promise.resolve())
  const source: OpenInput = { input, index: 0, dataStart: 10, dataLine: 1, order: null }
  const ledger = new Ledger()
  const positions: number[] = []
  for (let ended = false; !ended; ledger.beginStretch()) {
    const coordinator = new Coordinator({
      feed: { current: source, hasNext: false, next: async () => undefined },
      stretch: { bytes: 25, ms: 10_000 },
      job: { blockBytes: 20, maxRowBytes: 1 } as ParseJob,
      slots: new SlotPool(3, 4096, new MemoryBudget(1 << 20)),
      control: new LoadControl(3),
      runTask: async ({ start, end }) => parsed(start, end),
      receiver: { receive: async () => undefined },
      errors: new ErrorLog({ ignoreErrors: false, maxErrors: 0, keptMax: 0 }),
      onRefused: null,
      ledger,
      onBatch: () => undefined,
      signal: null,
    })
    await coordinator.run()
    positions.push(ledger.position)
    ended = coordinator.ended
  }
  expect(positions).toEqual([50, 90, 100])
})
