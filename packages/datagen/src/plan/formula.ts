/**
 * Arithmetic over columns: numbers, names, `+ - * / %`, parentheses, `round`, `floor`, `min`, `max`, `abs`.
 */
import { schemaError } from '../errors/index.js'

type Compute = (values: Float64Array) => number

const functions: Readonly<Record<string, (...values: number[]) => number>> = {
  round: (value, places = 0) => Math.round((value as number) * 10 ** places) / 10 ** places,
  floor: (value) => Math.floor(value as number),
  ceil: (value) => Math.ceil(value as number),
  abs: (value) => Math.abs(value as number),
  min: Math.min,
  max: Math.max,
}

/**
 * A formula that was read: the columns that it needs, and what it computes of their values in that order.
 * @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` at `path`
 */
export function parseFormula(
  text: string,
  path: string,
): { readonly columns: readonly string[]; readonly compute: Compute } {
  const tokens = text.match(/\d+(?:\.\d+)?|[\p{L}_][\p{L}\p{N}_]*|"[^"]+"|\S/gu) ?? []
  const columns: string[] = []
  let at = 0
  const fail = () =>
    schemaError(
      path,
      `${text} is no formula at ${tokens[at] ?? 'its end'}`,
      'arithmetic over columns such as quantity * unit_price',
    )
  const take = (token: string) => tokens[at] === token && ++at > 0
  const primary = (): Compute => {
    const token = tokens[at++]
    if (token === undefined) throw fail()
    if (token === '(') {
      const inner = sum()
      if (!take(')')) throw fail()
      return inner
    }
    if (token === '-') {
      const inner = primary()
      return (values) => -inner(values)
    }
    if (/^\d/.test(token)) {
      const number = Number(token)
      return () => number
    }
    if (take('(')) return call(token)
    if (!/^[\p{L}_"]/u.test(token)) throw fail()
    const name = token.replaceAll('"', '')
    if (!columns.includes(name)) columns.push(name)
    const index = columns.indexOf(name)
    return (values) => values[index] as number
  }
  const call = (name: string): Compute => {
    const apply = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (apply === undefined)
      throw schemaError(path, `there is no function ${name}`, `one of ${Object.keys(functions).join(', ')}`)
    const inputs = [sum()]
    while (take(',')) inputs.push(sum())
    if (!take(')')) throw fail()
    return (values) => apply(...inputs.map((input) => input(values)))
  }
  const binary =
    (next: () => Compute, operators: Readonly<Record<string, (a: number, b: number) => number>>) =>
    (): Compute => {
      let left = next()
      for (
        let operator = operators[tokens[at] ?? ''];
        operator !== undefined;
        operator = operators[tokens[at] ?? '']
      ) {
        at++
        const [first, right, apply] = [left, next(), operator]
        left = (values) => apply(first(values), right(values))
      }
      return left
    }
  const product = binary(primary, { '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b })
  const sum: () => Compute = binary(product, { '+': (a, b) => a + b, '-': (a, b) => a - b })
  const compute = sum()
  if (at < tokens.length) throw fail()
  return { columns, compute }
}
