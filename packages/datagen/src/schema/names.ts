/** Names of constraints and indexes that the schema leaves out, as PostgreSQL would choose them. */
import { createHash } from 'node:crypto'
import { schemaError } from '../errors/index.js'
import { identifierBytesMax } from '../limits.js'

/** @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` for a name that PostgreSQL would cut or refuse */
export function checkName(name: string, path: string): string {
  const bytes = Buffer.byteLength(name)
  if (bytes > identifierBytesMax) {
    throw schemaError(path, `the name has ${bytes} bytes`, `a name of at most ${identifierBytesMax} bytes`)
  }
  if (name === '' || name.includes('\0'))
    throw schemaError(
      path,
      `it is ${JSON.stringify(name)}`,
      'a name that is not empty, without the character NUL',
    )
  return name
}

/** Names that are taken, in one name space. */
export class Names {
  readonly #taken = new Set<string>()

  constructor(taken: Iterable<string> = []) {
    for (const name of taken) this.#taken.add(name)
  }

  /** Takes a name that the schema gives. */
  take(name: string, path: string): string {
    checkName(name, path)
    if (this.#taken.has(name)) throw schemaError(path, `the name ${name} is taken`, 'another name')
    this.#taken.add(name)
    return name
  }

  /** Makes a name of `parts` that is free, and takes it. */
  make(parts: readonly string[], suffix: string): string {
    const stem = parts.join('_')
    for (let number = 0; ; number++) {
      const name = fitted(stem, number === 0 ? `_${suffix}` : `_${suffix}${number}`)
      if (this.#taken.has(name)) continue
      this.#taken.add(name)
      return name
    }
  }
}

/** `stem` and `suffix` within the bytes of an identifier; a stem that is cut gets a digest of the whole. */
function fitted(stem: string, suffix: string): string {
  const room = identifierBytesMax - Buffer.byteLength(suffix)
  if (Buffer.byteLength(stem) <= room) return stem + suffix
  const digest = createHash('sha256').update(stem).digest('hex').slice(0, 8)
  const bytes = Buffer.from(stem).subarray(0, room - 9)
  return `${bytes.toString().replace(/\uFFFD+$/, '')}_${digest}${suffix}`
}

/** An index may say more of its column: `created_at DESC`. */
export function indexColumn(text: string): string {
  return text.replace(/\s+(?:asc|desc)?(?:\s*nulls\s+(?:first|last))?\s*$/i, '')
}

/** The sequence that a default counts with: `nextval('orders_id_seq'::regclass)`. */
export function sequenceOfDefault(fallback: string | undefined): string | undefined {
  return /^nextval\(\s*'"?([^'"]+)"?'/i.exec(fallback ?? '')?.[1]
}
