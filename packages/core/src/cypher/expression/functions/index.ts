/** Every operator and function by name. Names are lower case; operators are named as they are written. */
import { assert } from '../../../errors/index.js'
import type { FunctionDefinition } from '../definition.js'
import { arithmeticFunctions } from './arithmetic.js'
import { choiceFunctions } from './choice.js'
import { comparisonFunctions } from './comparison.js'
import { conversionFunctions } from './conversion.js'
import { listFunctions } from './lists.js'
import { logicFunctions } from './logic.js'
import { mathematicsFunctions } from './mathematics.js'
import { membershipFunctions } from './membership.js'
import { textFunctions } from './text.js'
import { timeFunctions } from './time.js'

/** `id(a)` and `label(a)`: the planner replaces them by a slot and a literal. */
function ofEntity(type: 'INT64' | 'STRING'): FunctionDefinition {
  return {
    resolve: () => type,
    compile: (_args, site) => assert(false, `${site.name} is replaced before it is compiled`) as never,
  }
}

const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  Object.entries({
    ...logicFunctions,
    ...comparisonFunctions,
    ...membershipFunctions,
    ...arithmeticFunctions,
    ...mathematicsFunctions,
    ...textFunctions,
    ...timeFunctions,
    ...conversionFunctions,
    ...choiceFunctions,
    ...listFunctions,
    id: ofEntity('INT64'),
    label: ofEntity('STRING'),
  }),
)

/** Internal names of operators: nobody calls them as functions. */
const operatorNames: ReadonlySet<string> = new Set([
  'isNull',
  'isNotNull',
  'startsWith',
  'endsWith',
  'case',
  'in',
  'and',
  'or',
  'xor',
  'not',
])

export function findFunction(name: string): FunctionDefinition | undefined {
  return functions.get(name)
}

/** What can be called by name, for "did you mean". */
export const callableNames: readonly string[] = [...functions.keys()].filter(
  (name) => /^[a-z_]\w*$/.test(name) && !operatorNames.has(name),
)
