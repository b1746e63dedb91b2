/**
 * How the demo talks: progress bars on a terminal, plain lines anywhere else; colours only where they are
 * wanted.
 */
import { SingleBar } from 'cli-progress'
import Table from 'cli-table3'

const isTerminal = process.stdout.isTTY === true
const wantsColours = isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

function styled(open, close) {
  return (text) => (wantsColours ? `\u001b[${open}m${text}\u001b[${close}m` : String(text))
}

export const bold = styled(1, 22)
export const dim = styled(2, 22)
export const cyan = styled(36, 39)

// Whoever reads the report may stop reading it.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

/** Writes a line. */
export function say(text = '') {
  process.stdout.write(`${text}\n`)
}

export function count(value) {
  return Math.round(value).toLocaleString('en-US')
}

export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`
}

export function seconds(elapsedMs) {
  return elapsedMs < 1000 ? `${Math.round(elapsedMs)} ms` : `${(elapsedMs / 1000).toFixed(2)} s`
}

/**
 * A bar for a piece of work whose size is known. Off a terminal there is no bar, only the line that says what
 * was done.
 * @param {string} label
 */
export function progressBar(label) {
  const bar = isTerminal ? createBar(label) : undefined
  let started = false
  return {
    /** @param {{ done: number, total: number, text: string }} progress */
    update({ done, total, text }) {
      if (started) bar?.update(done, { text })
      else bar?.start(total, done, { text })
      started = true
    },
    /** @param {string} text what was done */
    finish(text) {
      if (bar === undefined) {
        say(`  ${label.padEnd(11)} ${text}`)
        return
      }
      if (started) bar.update(bar.getTotal(), { text })
      else bar.start(1, 1, { text })
      bar.stop()
    },
    /** The work failed. */
    stop() {
      bar?.stop()
    },
  }
}

function createBar(label) {
  return new SingleBar({
    format: `  ${label.padEnd(11)} ${cyan('{bar}')} {percentage}% │ {text}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    fps: 15,
    hideCursor: true,
  })
}

/**
 * Prints rows as a table: numbers to the right.
 * @param {string[]} head
 * @param {unknown[][]} rows
 */
export function table(head, rows) {
  const printed = new Table({
    head: head.map(bold),
    style: { head: [], border: wantsColours ? ['grey'] : [], compact: true },
    colAligns: head.map((_, column) => (typeof rows[0]?.[column] === 'number' ? 'right' : 'left')),
  })
  printed.push(...rows.map((row) => row.map((value) => (typeof value === 'number' ? number(value) : value))))
  say(printed.toString().replace(/^/gm, '  '))
}

function number(value) {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toFixed(1)
}
