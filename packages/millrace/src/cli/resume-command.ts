/**
 * What to type to go on with a load that was stopped: to the letter, so that it can be copied from the screen
 * into a shell.
 *
 * Invariants
 * - What is written is printable ASCII and letters alone: other characters are written as escapes, which the
 *   shell turns back into what they were.
 */
import { parse, type Statement } from '@millrace/core/query'

const plainWord = /^[\w@%+=:,./-]+$/
/** What is shown as it is within quotes: nothing that a screen shows as something else, or not at all. */
const showable = /^[\p{L}\p{N}\p{P}\p{S} ]*$/u

/**
 * `word` as a POSIX shell takes it for one word (with `$'…'` of bash, zsh and ksh for control characters).
 */
export function shellWord(word: string, platform: NodeJS.Platform = process.platform): string {
  if (plainWord.test(word)) return word
  if (platform === 'win32') return `"${word.replaceAll('"', '""')}"`
  if (showable.test(word)) return `'${word.replaceAll("'", "'\\''")}'`
  let escaped = ''
  for (const byte of Buffer.from(word)) {
    const character = String.fromCharCode(byte)
    const isPlain = byte >= 0x20 && byte < 0x7f && character !== "'" && character !== '\\'
    escaped += isPlain ? character : `\\${byte.toString(8).padStart(3, '0')}`
  }
  return `$'${escaped}'`
}

/** The command line that goes on with the import that `commandLine` began. */
export function commandToResume(commandLine: readonly string[]): string {
  const program = process.env.npm_command === 'exec' ? 'npx millrace' : 'millrace'
  const others = commandLine.filter((word) => word !== '--resume' && word !== '--no-resume')
  // Behind `--` everything is the name of a file.
  const end = others.indexOf('--')
  const at = end === -1 ? others.length : end
  const words = [...others.slice(0, at), '--resume', ...others.slice(at)]
  return `${program} ${words.map((word) => shellWord(word)).join(' ')}`
}

type Copy = Extract<Statement, { kind: 'copy' }>

/** The statement that goes on with the load that `statement`, a COPY, began. */
export function copyToResume(statement: string): string {
  const text = statement.trim().replace(/;$/, '').trimEnd()
  const written = text.endsWith(')')
    ? `${text.slice(0, -1).trimEnd()}, RESUME=true)`
    : `${text} (RESUME=true)`
  return asksToResume(written) ? `${written};` : 'the same COPY with RESUME=true'
}

/** False where the statement ends in another way than most do, or says of RESUME something else. */
function asksToResume(text: string): boolean {
  try {
    const parsed = parse(text)
    return parsed.kind === 'copy' && resumes(parsed)
  } catch {
    return false
  }
}

function resumes({ options }: Copy): boolean {
  const said = options.filter(({ name }) => name.text.toUpperCase() === 'RESUME')
  return said.length === 1 && said[0]!.value === true
}
