/**
 * What a worker of the pool holds for one import: one memory, in which it parses blocks first and, for
 * relationships, builds units afterwards. Owned by one worker; made on the first task of a job and kept until
 * a task of another one arrives.
 */
import {
  Arena,
  assert,
  buildUnit,
  createWorkingMemory,
  isMillraceError,
  MemoryBudget,
  nodeFileSystem,
  type WorkingMemory,
} from '@millrace/core/internal'
import { createEncoder } from '../sink/index.js'
import { ParseJobState, type ReadInput } from './parse-job.js'
import type { BuildOutcome, BuildTask, ParseJob, ParseOutcome, ParseTask } from './protocol.js'

export class WorkerJob {
  readonly id: number
  #job: ParseJob
  readonly #arena: Arena
  /** Nothing lies in the arena above. */
  readonly #bottom: number
  #parser: ParseJobState | null = null
  #memory: WorkingMemory | null = null

  constructor(job: ParseJob) {
    this.id = job.id
    this.#job = job
    this.#arena = new Arena(new MemoryBudget(job.workerBytes), job.workerBytes)
    this.#bottom = this.#arena.mark()
  }

  /** Parses and encodes a block into its slot. */
  parse(task: ParseTask, read: ReadInput): ParseOutcome {
    if (task.job.stretch !== this.#job.stretch) this.#beginStretch(task.job)
    assert(this.#memory === null, 'blocks are parsed before units are built')
    this.#parser ??= new ParseJobState(this.#job, this.#arena, createEncoder(this.#job, this.#arena))
    return this.#parser.run(task, read)
  }

  /** Builds a unit into its slot. No block is parsed for the stretch any more. */
  build(task: BuildTask): BuildOutcome {
    const { job, slot, side, unit } = task
    const startedAt = performance.now()
    assert(job.slots !== null, 'units are built into slots')
    const target = new Uint8Array(job.slots, slot * job.slotBytes, job.slotBytes)
    try {
      const built = buildUnit(this.#buildingMemory(), nodeFileSystem, side, unit, target)
      return { built, buildMs: performance.now() - startedAt }
    } catch (error) {
      if (!isMillraceError(error, 'MILLRACE_MEMORY_BUDGET')) throw error
      return { built: null, buildMs: performance.now() - startedAt }
    }
  }

  /** Bytes of memory it has taken. */
  get memoryBytes(): number {
    return this.#arena.sizeBytes
  }

  /** Gives up what is held open. */
  close(): void {
    this.#parser?.close()
    this.#parser = null
  }

  /** The same memory serves again, whatever was in it. */
  #beginStretch(job: ParseJob): void {
    this.close()
    this.#arena.release(this.#bottom)
    this.#memory = null
    this.#job = job
  }

  #buildingMemory(): WorkingMemory {
    if (this.#memory === null) {
      this.close()
      this.#arena.release(this.#bottom)
      this.#memory = createWorkingMemory(this.#arena)
    }
    return this.#memory
  }
}
