/**
 * Wraps comment lines that are too long, which biome leaves as they are. A part of `pnpm format`.
 * Parameters: files or folders; without any, the whole repository.
 *
 * What does not fit moves to the next line, if that continues the paragraph, or to a line of its own. Tables,
 * links and drawings are left alone.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { root } from './run.mjs'

const columnsMax = 110
const skipped = new Set(['node_modules', 'dist', 'wasm', '.turbo', '.git', 'data', 'results'])

function listSources(path) {
  if (statSync(join(root, path)).isFile()) return /\.(?:ts|mjs)$/.test(path) ? [path] : []
  return readdirSync(join(root, path)).flatMap((name) =>
    skipped.has(name) ? [] : listSources(posix.join(path, name)),
  )
}

/** A line of a comment in parts, or undefined when the line is no comment or is better left alone. */
function commentLine(line) {
  const match = line.match(/^(\s*(?:\*|\/\/)) ((?:[-*] |\d+\. )?)(\s*)(\S.*)$/)
  if (match === null) return undefined
  const [, margin, bullet, indent, text] = match
  if (/^\||https?:|^[-=+─│┌└├]|\*\/$|^biome-ignore|^@ts-/.test(text)) return undefined
  return { margin, bullet, indent, text }
}

function wrap(source) {
  const lines = source.split('\n')
  let isDrawing = false
  for (let at = 0; at < lines.length; at += 1) {
    if (/^\s*(?:\*|\/\/) *```/.test(lines[at])) isDrawing = !isDrawing
    if (isDrawing || [...lines[at]].length <= columnsMax) continue
    const block = lines[at].match(/^(\s*)\/\*\* (.*) \*\/$/)
    if (block !== null) lines.splice(at, 1, `${block[1]}/**`, `${block[1]} * ${block[2]}`, `${block[1]} */`)
    const comment = commentLine(lines[at])
    if (comment === undefined) continue
    const cut = lines[at].lastIndexOf(' ', columnsMax)
    const start = `${comment.margin} ${' '.repeat(comment.bullet.length)}${comment.indent}`
    if (cut <= start.length) continue
    const rest = lines[at].slice(cut + 1)
    lines[at] = lines[at].slice(0, cut).trimEnd()
    const next = commentLine(lines[at + 1] ?? '')
    const isContinued =
      next !== undefined &&
      next.bullet === '' &&
      `${next.margin} ${next.indent}` === start &&
      !next.text.startsWith('@')
    if (isContinued) lines[at + 1] = `${start}${rest} ${next.text}`
    else lines.splice(at + 1, 0, `${start}${rest}`)
  }
  return lines.join('\n')
}

const places = process.argv.slice(2)
for (const path of (places.length === 0 ? ['packages', 'test', 'scripts', 'examples'] : places).flatMap(
  listSources,
)) {
  const before = readFileSync(join(root, path), 'utf8')
  const after = wrap(before)
  if (after !== before) writeFileSync(join(root, path), after)
}
