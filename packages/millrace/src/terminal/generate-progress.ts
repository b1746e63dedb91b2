/**
 * Shows how far a generation is: a bar on a terminal, a plain line every few seconds anywhere else, nothing
 * when told so. Writes to stderr only.
 */
import { Presets, SingleBar } from 'cli-progress'
import { isTerminal, type MaybeTerminal } from './colours.js'
import { formatBytes, formatCount } from './units.js'

/** Between two plain lines. */
const plainLineIntervalMs = 2000

const barFormat = '{table} {bar} {percentage}% │ {rows} rows │ {bytes} │ {rate} rows/s'

/** Of a generation: rows and bytes so far. */
export interface GeneratedSoFar {
  readonly rowsWritten: number
  readonly rowsTotal: number
  readonly bytesWritten: number
  readonly table?: string
}

export class GenerateProgress {
  readonly #stream: MaybeTerminal
  readonly #enabled: boolean
  readonly #startedMs = Date.now()
  #bar: SingleBar | undefined
  #lastLineAt = Date.now()

  constructor(options: { readonly stream: MaybeTerminal; readonly enabled: boolean }) {
    this.#stream = options.stream
    this.#enabled = options.enabled
  }

  /** Takes the newest progress. */
  readonly update = (progress: GeneratedSoFar): void => {
    if (!this.#enabled) return
    const { rowsWritten, rowsTotal, bytesWritten, table = '' } = progress
    const elapsedMs = Math.max(1, Date.now() - this.#startedMs)
    const rate = formatCount(Math.round((rowsWritten * 1000) / elapsedMs))
    if (isTerminal(this.#stream)) {
      this.#bar ??= this.#startBar(rowsTotal)
      this.#bar.update(rowsWritten, {
        table,
        rows: formatCount(rowsWritten),
        bytes: formatBytes(bytesWritten),
        rate,
      })
      return
    }
    const now = Date.now()
    if (now - this.#lastLineAt < plainLineIntervalMs) return
    this.#lastLineAt = now
    const share = rowsTotal === 0 ? 100 : Math.floor((rowsWritten / rowsTotal) * 100)
    this.#stream.write(
      `${table}: ${formatCount(rowsWritten)} rows (${share}%), ${formatBytes(bytesWritten)}, ${rate} rows/s\n`,
    )
  }

  /** Leaves the display complete, or as it is. */
  stop(done: boolean): void {
    if (this.#bar === undefined) return
    if (done) this.#bar.update(this.#bar.getTotal())
    this.#bar.stop()
  }

  #startBar(rowsTotal: number): SingleBar {
    const bar = new SingleBar(
      {
        format: barFormat,
        stream: this.#stream,
        hideCursor: true,
        barsize: 28,
        fps: 12,
        gracefulExit: false,
      },
      Presets.shades_classic,
    )
    bar.start(rowsTotal, 0, { table: '', rows: '0', bytes: '0 B', rate: '0' })
    return bar
  }
}
