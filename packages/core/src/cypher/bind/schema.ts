/**
 * Binds what declares, drops and fills tables. Whether a table exists is checked where the change is made.
 */
import { MillraceError } from '../../errors/index.js'
import { columnsMax, nameBytesMax } from '../../limits.js'
import { type ColumnSchema, keyTypes, type NodeTableSchema, type RelTableSchema } from '../../types/index.js'
import type {
  ColumnDefinition,
  CreateNodeTableStatement,
  CreateRelTableStatement,
  Name,
  Option,
  OptionValue,
} from '../syntax/ast.js'
import { bindingError, suggestion } from './binding-error.js'
import { typeNamed } from './type-names.js'

/** The schema of a node table: it has exactly one key, of a type that can be one. */
export function bindNodeTable(statement: CreateNodeTableStatement): NodeTableSchema {
  const { text, table } = statement
  const columns = bindColumns(statement.columns, text)
  const inline = statement.columns.filter((column) => column.primaryKey).map((column) => column.name)
  const keys = [...statement.primaryKeys, ...inline]
  const [key, second] = keys
  if (key === undefined) {
    throw bindingError(
      text,
      table.place,
      `The node table ${table.text} has no key`,
      'Add PRIMARY KEY(column).',
    )
  }
  if (second !== undefined) {
    throw bindingError(text, second.place, 'A node table has one key column', 'Keep one PRIMARY KEY.')
  }
  const keyColumn = columns.findIndex((column) => column.name === key.text)
  const keySchema = columns[keyColumn]
  if (keySchema === undefined) {
    const names = columns.map((column) => column.name)
    throw bindingError(
      text,
      key.place,
      `There is no column ${key.text}`,
      suggestion(key.text, names, 'columns'),
    )
  }
  if (!keyTypes.includes(keySchema.type)) {
    throw bindingError(
      text,
      key.place,
      `A ${keySchema.type} column cannot be the key`,
      `Keys are of type ${keyTypes.join(', ')}.`,
    )
  }
  checkName(table, text)
  return { kind: 'node', name: table.text, columns, keyColumn }
}

/** The schema of a relationship table. */
export function bindRelTable(statement: CreateRelTableStatement): RelTableSchema {
  const { text, table, from, to, multiplicity } = statement
  if (multiplicity !== null && multiplicity.text.toUpperCase() !== 'MANY_MANY') {
    throw new MillraceError('MILLRACE_UNSUPPORTED', {
      what: `The multiplicity ${multiplicity.text.toUpperCase()}`,
      hint: 'Leave it out: every relationship table is MANY_MANY.',
    })
  }
  checkName(table, text)
  const columns = bindColumns(statement.columns, text)
  return { kind: 'rel', name: table.text, fromTable: from.text, toTable: to.text, columns }
}

function bindColumns(definitions: readonly ColumnDefinition[], text: string): ColumnSchema[] {
  if (definitions.length > columnsMax) {
    const place = definitions[columnsMax]!.name.place
    throw bindingError(text, place, `A table has at most ${columnsMax} columns`, 'Split the table.')
  }
  const names = new Set<string>()
  return definitions.map(({ name, type }) => {
    checkName(name, text)
    if (names.has(name.text)) {
      throw bindingError(text, name.place, `The column ${name.text} is declared twice`, 'Rename one of them.')
    }
    names.add(name.text)
    return { name: name.text, type: typeNamed(type, text) }
  })
}

function checkName(name: Name, text: string): void {
  if (Buffer.byteLength(name.text) <= nameBytesMax) return
  throw bindingError(
    text,
    name.place,
    `The name is longer than ${nameBytesMax} bytes`,
    'Choose a shorter one.',
  )
}

/** `NULL_STRINGS` as `nullStrings`; names written in camel case stay as they are. */
function camelCase(name: string): string {
  if (/[a-z]/.test(name) && !name.includes('_') && name !== name.toLowerCase()) return name
  return name.toLowerCase().replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** The columns of LOAD WITH HEADERS. */
export function bindHeaders(definitions: readonly ColumnDefinition[], text: string): ColumnSchema[] {
  return bindColumns(definitions, text)
}

/** Options by the names `copyFrom` knows them by. Which there are is known where they are used. */
export function bindOptions(options: readonly Option[], text: string): Map<string, OptionValue> {
  const bound = new Map<string, OptionValue>()
  for (const { name, value } of options) {
    const key = camelCase(name.text)
    if (bound.has(key)) {
      throw bindingError(text, name.place, `The option ${name.text} is given twice`, 'Keep one of them.')
    }
    bound.set(key, value)
  }
  return bound
}
