/** A schema's or settings file's text as a value: JSON, or YAML, which JSON is a part of. */
import { LineCounter, parseDocument } from 'yaml'
import { datagenError } from '../errors/index.js'

/**
 * The value that `text` holds. A repeated key is a mistake.
 * @param file how messages name the text
 * @throws MillraceError `MILLRACE_DATAGEN_SYNTAX`, with line and column
 */
export function parseText(text: string, file: string): unknown {
  const format = /^\s*[{[]/.test(text) ? 'JSON' : 'YAML'
  const lineCounter = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0])
    const problem = `line ${line}, column ${col}: ${error.message}`
    throw datagenError('MILLRACE_DATAGEN_SYNTAX', { file, format, problem })
  }
  try {
    return document.toJS({ maxAliasCount: 1000 })
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw datagenError('MILLRACE_DATAGEN_SYNTAX', { file, format, problem })
  }
}
