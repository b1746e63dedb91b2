/**
 * Builds both sides of a relationship load: hands units to the parse workers, and passes what they built to
 * the writer in the units' order.
 *
 * Runs on the caller's thread and never blocks it.
 *
 * Invariants
 * - A unit is dispatched only with a slot in hand, so at most `slotCount` units are under way.
 * - When `buildSides` settles, no task is running and no slot is in use.
 */
import type { CsrSidePlan, CsrUnit } from '@millrace/core/internal'
import type { LoadControl, SlotPool } from '../batch/index.js'
import type { BuildOutcome, BuildTask, ParseJob, WriterClient } from '../threads/index.js'
import { WriterTime } from './writer-time.js'

export interface BuildParts {
  readonly job: ParseJob
  readonly slots: SlotPool
  readonly control: LoadControl
  /** Null: there are no workers, and the writer builds all. */
  readonly runTask: ((task: BuildTask) => Promise<BuildOutcome>) | null
  readonly writer: Pick<WriterClient, 'call'>
  readonly signal: AbortSignal
}

/**
 * Builds what the load in progress consists of; nothing when it is one of nodes.
 * @returns milliseconds that the workers were busy, added up, and the writer with what no worker built
 * @throws the signal's reason when it was aborted; whatever the writer or a worker threw
 */
export async function buildSides(parts: BuildParts): Promise<number> {
  let busyMs = 0
  for (;;) {
    const plan = await parts.writer.call('beginSide')
    if (plan === null) return busyMs
    busyMs += await buildSide(parts, plan)
  }
}

async function buildSide(parts: BuildParts, { side, units }: CsrSidePlan): Promise<number> {
  const { job, slots, control, runTask, signal } = parts
  const stopping = new AbortController()
  const writerTime = new WriterTime()
  let busyMs = 0
  let unitsBefore: Promise<unknown> = Promise.resolve()
  const placed: Promise<void>[] = []
  for (const unit of units) {
    const slot = await slots.acquire()
    if (signal.aborted) stopping.abort(signal.reason)
    if (stopping.signal.aborted) {
      slots.release(slot)
      break
    }
    const fits = runTask !== null && unit.memoryBytes <= job.workerBytes
    const task = { kind: 'build', job, slot, side, unit } as const
    const outcome = fits ? control.run(slot, async (number) => await runTask({ ...task, number })) : null
    // It is awaited in its turn; until then a rejection must not count as unhandled.
    outcome?.catch(() => {})
    const inTurn = unitsBefore.then(() => outcome)
    // Not its placing: the writer goes from one unit to the next without waiting for us.
    unitsBefore = inTurn.catch(() => {})
    const placing = inTurn.then(async (given) => {
      if (stopping.signal.aborted) return
      const { built, buildMs } = given ?? { built: null, buildMs: 0 }
      const writerMs = await writerTime.of(place(parts, unit, built, slot))
      busyMs += built === null ? buildMs + writerMs : buildMs
    })
    placed.push(
      placing
        .catch((error) => {
          stopping.abort(error)
          control.stopTasks()
        })
        .finally(() => slots.release(slot)),
    )
  }
  await Promise.all(placed)
  stopping.signal.throwIfAborted()
  return busyMs
}

/** Has the writer place the unit, or build it where no worker has. */
async function place(
  { writer }: BuildParts,
  { index }: CsrUnit,
  built: BuildOutcome['built'],
  slot: number,
): Promise<void> {
  if (built === null) await writer.call('buildUnit', index)
  else await writer.call('placeUnit', index, built, slot)
}
