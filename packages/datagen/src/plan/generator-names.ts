/** The names by which a schema asks for a generator, and which of them make values of which types. */
import { schemaError } from '../errors/index.js'
import type { ColumnContext } from './generator.js'

/** Generators of any type: they take their values from the schema. */
const listNames = ['enum', 'weighted_enum', 'constant']

const rangeNames = 'integer_range integer range decimal_range float_range decimal float number random'
const countingNames = 'serial sequence autoincrement auto_increment row_number seq shuffled'
const quantityNames = 'price amount age quantity'

/** Of numbers. */
export const numberNames = [rangeNames, countingNames, quantityNames].flatMap((names) => names.split(' '))

const seriesNames = 'timeseries time_series timestamp timestamptz date datetime created_at updated_at range'
const timeRangeNames = 'date_range timestamp_range past recent birthdate date_of_birth'

/** Of dates and timestamps. */
export const momentNames = [seriesNames, timeRangeNames].flatMap((names) => names.split(' '))

/** @throws MillraceError when the column asks for a generator that makes no values of its type */
export function checkGenerator({ options, path, type }: ColumnContext, known: readonly string[]): void {
  const { generator } = options
  if (generator === undefined || known.includes(generator) || listNames.includes(generator)) return
  throw schemaError(
    `${path}.generator`,
    `${generator} makes no values of type ${type.ddl}`,
    `one of ${known.join(', ')}`,
  )
}
