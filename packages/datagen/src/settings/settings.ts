/**
 * Settings that schemas do not hold: the seed, numbers of rows, the format, workers. From `.datagen.yaml`,
 * then the environment (`DATAGEN_…`), then what the command line or the caller says; the last one counts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { datagenError } from '../errors/index.js'
import { type FormatName, formatNames } from '../formats/index.js'
import { batchRowsMax, jobsMax, tableRowsMax } from '../limits.js'
import { nearest, parseText } from '../schema/index.js'

export interface Settings {
  readonly seed?: number
  readonly format?: FormatName
  readonly defaultRows?: number
  readonly batchSize?: number
  readonly jobs?: number
  readonly scale?: number
  readonly locale?: string
  readonly output?: string
  readonly gzip?: boolean
  readonly header?: boolean
  readonly progress?: boolean
}

type Reader = {
  readonly setting: keyof Settings
  readonly read: (value: unknown) => unknown
  readonly expected: string
}

function whole(min: number, max: number): Omit<Reader, 'setting'> {
  const read = (value: unknown) => {
    const number =
      typeof value === 'number'
        ? value
        : typeof value === 'string' && /^\d+$/.test(value.trim())
          ? Number(value)
          : Number.NaN
    return Number.isSafeInteger(number) && number >= min && number <= max ? number : undefined
  }
  return { read, expected: `a whole number from ${min} to ${max}` }
}

const text: Omit<Reader, 'setting'> = {
  read: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  expected: 'a text',
}

const yesOrNo: Omit<Reader, 'setting'> = {
  read: (value) => {
    if (typeof value === 'boolean') return value
    const word = String(value).toLowerCase()
    return ['true', 'yes', '1', 'on'].includes(word)
      ? true
      : ['false', 'no', '0', 'off'].includes(word)
        ? false
        : undefined
  },
  expected: 'true or false',
}

const format: Omit<Reader, 'setting'> = {
  read: (value) => formatNames.find((name) => name === String(value).toLowerCase()),
  expected: `one of ${formatNames.join(', ')}`,
}

const positive: Omit<Reader, 'setting'> = {
  read: (value) => {
    const number = typeof value === 'number' ? value : Number(String(value).trim() || Number.NaN)
    return Number.isFinite(number) && number > 0 ? number : undefined
  },
  expected: 'a number above 0',
}

/** Keys of the file; in the environment in capitals, behind `DATAGEN_`. */
const keys: Readonly<Record<string, Reader>> = {
  default_seed: { setting: 'seed', ...whole(0, Number.MAX_SAFE_INTEGER) },
  seed: { setting: 'seed', ...whole(0, Number.MAX_SAFE_INTEGER) },
  default_format: { setting: 'format', ...format },
  format: { setting: 'format', ...format },
  default_row_count: { setting: 'defaultRows', ...whole(0, tableRowsMax) },
  default_batch_size: { setting: 'batchSize', ...whole(1, batchRowsMax) },
  batch_size: { setting: 'batchSize', ...whole(1, batchRowsMax) },
  workers: { setting: 'jobs', ...whole(1, jobsMax) },
  jobs: { setting: 'jobs', ...whole(1, jobsMax) },
  scale: { setting: 'scale', ...positive },
  locale: { setting: 'locale', ...text },
  output: { setting: 'output', ...text },
  gzip: { setting: 'gzip', ...yesOrNo },
  header: { setting: 'header', ...yesOrNo },
  progress_bar: { setting: 'progress', ...yesOrNo },
}

export const settingsFileName = '.datagen.yaml'

export interface FoundSettings {
  readonly settings: Settings
  /** Keys that mean nothing here, with where they stand. */
  readonly ignored: readonly string[]
}

/**
 * @param path the settings file; absent: `.datagen.yaml` of the folder `cwd`, if there is one
 * @throws MillraceError `MILLRACE_DATAGEN_SETTING` for a value that cannot be meant
 */
export function readSettings(environment: NodeJS.ProcessEnv, cwd: string, path?: string): FoundSettings {
  const file = path ?? `${cwd}/${settingsFileName}`
  const ignored: string[] = []
  const fromFile = path !== undefined || existsSync(file) ? fileEntries(file) : []
  const fromEnvironment = Object.entries(environment).flatMap(([name, value]) => {
    const key = /^DATAGEN_(\w+)$/.exec(name)?.[1]?.toLowerCase()
    return key === undefined || value === undefined || value === ''
      ? []
      : [{ source: 'the environment', name, key, value: value as unknown }]
  })
  const settings: Record<string, unknown> = {}
  for (const { source, name, key, value } of [...fromFile, ...fromEnvironment]) {
    const reader = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (reader === undefined) {
      const near = nearest(key, Object.keys(keys))
      ignored.push(`${name} in ${source}${near === undefined ? '' : ` (${near}?)`}`)
      continue
    }
    const read = reader.read(value)
    if (read === undefined) {
      throw datagenError('MILLRACE_DATAGEN_SETTING', {
        source,
        name,
        value: JSON.stringify(value),
        expected: reader.expected,
      })
    }
    settings[reader.setting] = read
  }
  return { settings: settings as Settings, ignored }
}

interface Entry {
  readonly source: string
  readonly name: string
  readonly key: string
  readonly value: unknown
}

function fileEntries(file: string): Entry[] {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (error) {
    throw datagenError('MILLRACE_DATAGEN_SETTING', {
      source: file,
      name: 'the file',
      value: (error as Error).message,
      expected: 'a file that can be read',
    })
  }
  const value = parseText(content, file)
  if (value === null) return []
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw datagenError('MILLRACE_DATAGEN_SETTING', {
      source: file,
      name: 'the file',
      value: JSON.stringify(value),
      expected: 'key: value pairs',
    })
  }
  // An empty text in a settings file says nothing.
  return Object.entries(value).flatMap(([key, entry]) =>
    entry === '' || entry === null ? [] : [{ source: file, name: key, key, value: entry as unknown }],
  )
}
