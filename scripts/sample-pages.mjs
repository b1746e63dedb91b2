/**
 * Makes docs/datagen-samples.md and its pictures: for each distribution and pattern of the generator its
 * schema, some values and a histogram; and some rows of tables. Needs the built package. The same every
 * time.
 */
import { generate, generatorNames, schemaText } from '../packages/datagen/dist/index.js'

const rows = 100_000
const samplesShown = 12

/** Columns to show: their schema, and how their values are counted. */
const panels = [
  { name: 'uniform', column: 'type: integer, min: 0, max: 99' },
  {
    name: 'normal',
    column: 'type: integer, distribution: { type: normal, mean: 50, std_dev: 12 }, min: 0, max: 99',
  },
  {
    name: 'normal, cut by its bounds',
    column: 'type: integer, distribution: { type: normal, mean: 70, std_dev: 25 }, min: 0, max: 99',
  },
  {
    name: 'log-normal',
    column:
      'type: "numeric(8,2)", distribution: { type: lognormal, mu: 3, sigma: 0.6 }, min: 0.01, max: 99.99',
  },
  {
    name: 'exponential',
    column: 'type: integer, distribution: { type: exponential, mean: 20 }, min: 0, max: 99',
  },
  { name: 'Poisson', column: 'type: integer, distribution: { type: poisson, mean: 6 }, max: 24' },
  { name: 'Zipf', column: 'type: integer, distribution: { type: zipf, exponent: 1 }, min: 1, max: 25' },
  {
    name: 'weighted values',
    column: 'type: text, values: { paid: 60, shipped: 25, open: 10, lost: 5 }',
    kind: 'text',
  },
  {
    name: 'business hours, by hour of the week',
    column: 'type: timestamp, generator: timeseries, pattern: business_hours',
    kind: 'week',
  },
  {
    name: 'daily peak, by hour of the day',
    column: 'type: timestamp, generator: timeseries, pattern: daily_peak',
    kind: 'hour',
  },
  {
    name: 'peak hours of its own',
    column: 'type: timestamp, generator: timeseries, pattern: daily_peak, peak_hours: [8, 9, 17]',
    kind: 'hour',
  },
  {
    name: 'seasonal, by month',
    column: 'type: timestamp, generator: timeseries, pattern: seasonal',
    kind: 'month',
  },
]

const colour = '#0072b2'
const [width, height, bottom] = [240, 110, 18]

/** The bar that a value is counted in. */
function barOf(value, kind, most) {
  if (kind === 'week') return ((value.getUTCDay() + 6) % 7) * 24 + value.getUTCHours()
  if (kind === 'hour') return value.getUTCHours()
  if (kind === 'month') return value.getUTCMonth()
  return most <= 30 ? value : Math.min(49, Math.floor((value / (most + 1)) * 50))
}

function histogram(values, kind) {
  if (kind === 'text') {
    const names = [...new Set(values)]
    const counts = names.map((name) => values.filter((value) => value === name).length)
    const order = names.map((_, at) => at).sort((a, b) => counts[b] - counts[a])
    return { counts: order.map((at) => counts[at]), labels: order.map((at) => names[at]) }
  }
  const most = kind === undefined ? Math.max(...values) : 0
  const bars = { week: 168, hour: 24, month: 12 }[kind] ?? (most <= 30 ? most + 1 : 50)
  const counts = Array.from({ length: bars }, () => 0)
  for (const value of values) counts[barOf(value, kind, most)]++
  const ends = { week: ['Monday', 'Sunday'], hour: ['0 h', '23 h'], month: ['January', 'December'] }[kind]
  return { counts, labels: ends ?? ['0', String(most)] }
}

/** A small picture that follows the reader's light or dark mode. */
function drawing(name, { counts, labels }, kind) {
  const most = Math.max(...counts)
  const step = width / counts.length
  const number = (value) => String(Number(value.toFixed(1)))
  const bars = counts.map((count, at) => {
    const tall = ((height - bottom) * count) / most
    const place = `x="${number(at * step + step * 0.08)}" y="${number(height - bottom - tall)}"`
    return `<rect ${place} width="${number(step * 0.84)}" height="${number(tall)}" fill="${colour}"/>`
  })
  const text = (x, anchor, label) =>
    `<text x="${number(x)}" y="${height - 4}" text-anchor="${anchor}">${label}</text>`
  const names =
    kind === 'text'
      ? labels.map((label, at) => text((at + 0.5) * step, 'middle', label))
      : [text(0, 'start', labels[0]), text(width, 'end', labels[1])]
  const style = 'text{font:11px sans-serif;fill:#57606a}@media(prefers-color-scheme:dark){text{fill:#8d96a0}}'
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  const start = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${name}">`
  return `${start}<title>${name}</title><style>${style}</style>\n${[...bars, ...names].join('\n')}\n</svg>\n`
}

function shown(value) {
  return value instanceof Date
    ? value.toISOString().slice(0, 16).replace('T', ' ').replace(' 00:00', '')
    : String(value)
}

/** Some rows of a template's table. */
async function tableSample(data, name) {
  const { value: first } = await data.batches(name, { to: 5 }).next()
  const cell = (value) =>
    value === null
      ? 'NULL'
      : typeof value === 'object' && !(value instanceof Date)
        ? JSON.stringify(value)
        : shown(value)
  const line = (cells) => `| ${cells.join(' | ')} |`
  const body = first
    .rows()
    .map((row) => line(first.columns.map((column) => cell(row[column]).replaceAll('|', '\\|'))))
  return [line(first.columns), line(first.columns.map(() => '---')), ...body].join('\n')
}

/** A few values of every generator of texts. */
async function generatorTable() {
  const columns = generatorNames.map((name) => {
    const own = name === 'constant' ? { value: 'always this' } : {}
    return [name, { type: 'text', generator: name, ...own }]
  })
  const table = { row_count: 3, columns: Object.fromEntries(columns) }
  const data = await generate({ tables: { samples: table } })
  const { value: batch } = await data.batches('samples').next()
  const cut = (text) => (text.length > 60 ? `${text.slice(0, 57).trimEnd()}…` : text)
  const lines = generatorNames.map((name) => {
    const texts = [...new Set(batch.column(name))].map((text) => cut(text.replaceAll(/\s+/g, ' ')))
    return `| \`${name}\` | ${texts.map((text) => text.replaceAll('|', '\\|')).join(' · ')} |`
  })
  return ['| `generator:` | |', '| --- | --- |', ...lines].join('\n')
}

/** Every file that is made, by its path from the root. */
export async function samplePages() {
  const columns = panels.map(({ column }, at) => `c${at}: { ${column} }`)
  const schema = `tables: { samples: { row_count: ${rows}, columns: { ${columns.join(', ')} } } }`
  const data = await generate(schemaText(schema, 'samples'))
  const values = panels.map(() => [])
  for await (const batch of data.batches('samples')) {
    for (const [at, list] of values.entries()) list.push(...batch.column(`c${at}`))
  }
  const files = new Map()
  const parts = panels.map(({ name, column, kind }, at) => {
    const image = `datagen-${String(at + 1).padStart(2, '0')}.svg`
    files.set(`docs/images/${image}`, drawing(name, histogram(values[at], kind), kind))
    const some = values[at].slice(0, kind === undefined || kind === 'text' ? samplesShown : 5).map(shown)
    const title = `${name[0].toUpperCase()}${name.slice(1)}`
    const example = `\`{ ${column} }\`: ${some.join(', ')}, …`
    return `### ${title}\n\n![${name}](images/${image})\n\n${example}`
  })
  const shop = await generate('ecommerce')
  const page = [
    '# What synthetic data looks like',
    `Made by \`pnpm run docs\` from ${rows.toLocaleString('en-US')} rows of each column, with the default seed.`,
    'What a schema can ask for stands in [datagen.md](datagen.md).',
    ...parts,
    '## Generators of texts',
    await generatorTable(),
    '## Rows',
    'From the template `ecommerce`. The e-mail address is that of the name, orders know when they were shipped.',
    'A line has the price of its product.',
    '`customers`',
    await tableSample(shop, 'customers'),
    '`orders`',
    await tableSample(shop, 'orders'),
    '`order_items`',
    await tableSample(shop, 'order_items'),
    '`products`',
    await tableSample(shop, 'products'),
  ]
  files.set('docs/datagen-samples.md', `${page.join('\n\n')}\n`)
  return files
}
