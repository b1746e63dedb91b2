/** The types a statement can name, with the other names they go by. */
import { type LogicalType, namedTypeNames, typeOfName } from '../../types/index.js'
import type { Name } from '../syntax/ast.js'
import { bindingError, suggestion } from './binding-error.js'

/**
 * The type that `name` writes: `INT64`, `DECIMAL(9,2)`, `STRING[]`, in any case.
 * @throws MillraceError `MILLRACE_BINDING` when there is none
 */
export function typeNamed(name: Name, text: string): LogicalType {
  const type = typeOfName(name.text)
  if (typeof type === 'string') return type
  const hint = type.hint ?? suggestion(type.name.toUpperCase(), namedTypeNames, 'types')
  throw bindingError(
    text,
    name.place,
    type.hint === undefined ? `There is no type ${name.text}` : type.what,
    hint,
  )
}
