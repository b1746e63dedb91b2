/**
 * Shows how an import is getting on: a bar on a terminal, a plain line every few seconds anywhere else,
 * nothing when told so.
 *
 * Invariants
 * - Writes to the given stream only (stderr), never to stdout.
 * - After `stop` the cursor stands at the start of a line and nothing more is written.
 */
import { Presets, SingleBar } from 'cli-progress'
import type { ImportProgress } from '../index.js'
import { isTerminal, type MaybeTerminal } from './colours.js'
import { formatBytes, formatCount, formatDuration } from './units.js'

/** Between two plain lines. */
const plainLineIntervalMs = 2000

/** Less than this left to read (headers are not counted as read) is nothing. */
const finishingBytesMax = 64 * 1024

const barFormat = '{label} {bar} {percentage}% │ {rows} rows │ {rate} rows/s │ {left}'
const openEndedFormat = '{label} │ {rows} rows │ {bytes} │ {rate} rows/s'

export interface LoadProgressOptions {
  /** Stands before the bar. */
  readonly label: string
  readonly stream: MaybeTerminal
  /** False: show nothing at all. */
  readonly enabled: boolean
  /** The clock, in milliseconds. */
  readonly now?: () => number
}

export class LoadProgress {
  readonly #options: LoadProgressOptions
  readonly #now: () => number
  #bar: SingleBar | undefined
  #lastLineAt: number
  #stopped = false

  constructor(options: LoadProgressOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#lastLineAt = this.#now()
  }

  /** Takes the newest progress; to be handed to an import as `onProgress`. */
  readonly update = (progress: ImportProgress): void => {
    if (!this.#options.enabled || this.#stopped) return
    if (isTerminal(this.#options.stream)) this.#drawBar(progress)
    else this.#writeLine(progress)
  }

  /** Takes the display away or leaves it complete. `done`: the import succeeded, so the bar is filled. */
  stop(done: boolean): void {
    if (this.#stopped) return
    this.#stopped = true
    if (this.#bar === undefined) return
    if (done) this.#bar.update(this.#bar.getTotal(), { left: 'done' })
    this.#bar.stop()
  }

  #drawBar(progress: ImportProgress): void {
    const values = {
      label: this.#options.label,
      rows: formatCount(progress.rowsProcessed),
      bytes: formatBytes(progress.bytesProcessed),
      rate: formatCount(Math.round(progress.rowsPerSecond)),
      left: timeLeft(progress),
    }
    if (this.#bar === undefined) {
      this.#bar = new SingleBar(
        {
          format: progress.bytesTotal === undefined ? openEndedFormat : barFormat,
          stream: this.#options.stream,
          hideCursor: true,
          barsize: 28,
          fps: 12,
          gracefulExit: false,
        },
        Presets.shades_classic,
      )
      this.#bar.start(progress.bytesTotal ?? 0, progress.bytesProcessed, values)
    }
    this.#bar.update(progress.bytesProcessed, values)
  }

  #writeLine(progress: ImportProgress): void {
    const now = this.#now()
    if (now - this.#lastLineAt < plainLineIntervalMs) return
    this.#lastLineAt = now
    const { rowsProcessed, bytesProcessed, bytesTotal, rowsPerSecond } = progress
    const share = bytesTotal ? ` (${Math.floor((bytesProcessed / bytesTotal) * 100)}%)` : ''
    this.#options.stream.write(
      `${this.#options.label}: ${formatCount(rowsProcessed)} rows, ${formatBytes(bytesProcessed)}${share}, ` +
        `${formatCount(Math.round(rowsPerSecond))} rows/s\n`,
    )
  }
}

/** When the input is read, keys and relationships are still to be sorted, and everything to be committed. */
function timeLeft({ bytesProcessed, bytesTotal, etaSeconds }: ImportProgress): string {
  if (bytesTotal === undefined || etaSeconds === undefined) return ''
  if (bytesTotal - bytesProcessed < finishingBytesMax) return 'finishing'
  return `${formatDuration(etaSeconds * 1000)} left`
}
