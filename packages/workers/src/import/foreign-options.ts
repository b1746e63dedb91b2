/**
 * Options that statements written for Kùzu and DuckDB have, and that change nothing here: they are checked,
 * and left out. Pure.
 */
import { MillraceError } from '@millrace/core/base'

interface ForeignOption {
  /** Whether the value is one that asks for what is done anyway. */
  readonly isUsual: (value: unknown) => boolean
  readonly expected: string
}

const format: ForeignOption = {
  isUsual: (value) => typeof value === 'string' && value.toLowerCase() === 'csv',
  expected: "'csv', the only format there is: convert other files first",
}

const foreign: ReadonlyMap<string, ForeignOption> = new Map([
  [
    'parallel',
    {
      isUsual: (value) => typeof value === 'boolean',
      expected: 'true or false, which are the same here: quoted line breaks are read in parallel',
    },
  ],
  ['fileFormat', format],
  ['format', format],
  [
    'listUnbraced',
    { isUsual: (value) => value === false, expected: 'false: lists are written in brackets, [a,b]' },
  ],
])

/** Other spellings of names, in camel case. */
const spellings: ReadonlyMap<string, string> = new Map([['autodetect', 'autoDetect']])

/**
 * The options of a statement that are options here, by the names they have here.
 * @throws MillraceError `MILLRACE_ARGUMENT` when one of the others asks for what cannot be done, or one is
 * given in two spellings
 */
export function withoutForeign<Value>(options: ReadonlyMap<string, Value>): Map<string, Value> {
  const own = new Map<string, Value>()
  for (const [name, value] of options) {
    const option = foreign.get(name)
    if (option !== undefined) {
      if (!option.isUsual(value)) throw notValid(name, value, option.expected)
      continue
    }
    const spelt = spellings.get(name) ?? name
    if (own.has(spelt)) throw notValid('the option', name, `it once: ${spelt} is the same`)
    own.set(spelt, value)
  }
  return own
}

function notValid(what: string, value: unknown, expected: string): MillraceError {
  return new MillraceError('MILLRACE_ARGUMENT', { what, value: JSON.stringify(value), expected })
}
