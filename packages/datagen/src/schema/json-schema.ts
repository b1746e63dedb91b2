/**
 * The JSON Schema of schemas: what editors check and complete, and the first check of every schema that is
 * read. `schema.json` of the package is this value.
 */
const text = { type: 'string', minLength: 1 } as const
const number = { type: 'number' } as const
const fraction = { type: 'number', minimum: 0, maximum: 1 } as const
const names = { type: 'array', items: text, minItems: 1, uniqueItems: true } as const
const nameOrNames = { anyOf: [text, names] } as const
const scalar = { type: ['string', 'number', 'boolean', 'null'] } as const
const bound = { type: ['number', 'string'] } as const
const weights = {
  anyOf: [
    { type: 'array', items: { type: 'number', minimum: 0 }, minItems: 1 },
    { type: 'object', additionalProperties: { type: 'number', minimum: 0 }, minProperties: 1 },
  ],
} as const
const comment = { type: 'string' } as const
const actions = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION'] as const
const action = { enum: [...actions, ...actions.map((name) => name.toLowerCase())] }

const distribution = {
  anyOf: [
    { enum: ['uniform', 'normal', 'lognormal', 'poisson', 'zipf', 'exponential', 'even'] },
    {
      type: 'object',
      required: ['type'],
      additionalProperties: false,
      properties: {
        type: {
          enum: [
            ...[
              'uniform',
              'normal',
              'lognormal',
              'log_normal',
              'log-normal',
              'poisson',
              'zipf',
              'exponential',
            ],
            ...['even', 'weighted'],
          ],
        },
        mean: number,
        lambda: { type: 'number', minimum: 0 },
        std_dev: { type: 'number', minimum: 0 },
        stddev: { type: 'number', minimum: 0 },
        sigma: { type: 'number', minimum: 0 },
        mu: number,
        alpha: { type: 'number', exclusiveMinimum: 0 },
        exponent: { type: 'number', exclusiveMinimum: 0 },
        s: { type: 'number', exclusiveMinimum: 0 },
        min: number,
        max: number,
        weights,
        values: { type: 'array', items: scalar, minItems: 1 },
        comment,
      },
    },
  ],
} as const

const condition = {
  anyOf: [
    scalar,
    { type: 'array', items: scalar, minItems: 1 },
    {
      type: 'object',
      minProperties: 1,
      additionalProperties: false,
      properties: {
        equals: scalar,
        not: scalar,
        in: { type: 'array', items: scalar, minItems: 1 },
        not_in: { type: 'array', items: scalar, minItems: 1 },
        lt: bound,
        gt: bound,
        lte: bound,
        gte: bound,
        is_null: { type: 'boolean' },
      },
    },
  ],
} as const

/** What says how values are made; on the column itself, or in `generator_config`. */
const options = {
  min: bound,
  max: bound,
  values: {
    anyOf: [
      { type: 'array', items: scalar, minItems: 1 },
      { type: 'object', additionalProperties: { type: 'number', minimum: 0 }, minProperties: 1 },
    ],
  },
  value: scalar,
  weights,
  pattern: {
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        minProperties: 1,
        additionalProperties: false,
        properties: { template: text, regex: text, pattern: text, comment },
      },
    ],
  },
  regex: text,
  template: { type: 'string' },
  start: bound,
  end: text,
  increment: { type: 'integer' },
  interval: text,
  time_pattern: { enum: ['uniform', 'business_hours', 'daily_peak', 'seasonal', 'weekend'] },
  peak_hours: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 23 }, minItems: 1 },
  sorted: { type: 'boolean' },
  distribution,
  null_fraction: fraction,
  null_probability: fraction,
  true_fraction: fraction,
  true_probability: fraction,
  after: {
    anyOf: [
      text,
      {
        type: 'object',
        required: ['column'],
        additionalProperties: false,
        properties: { column: text, min: bound, max: bound, comment },
      },
    ],
  },
  rules: { type: 'array', items: { $ref: '#/definitions/rule' } },
  formula: text,
  copy: {
    type: 'object',
    required: ['foreign_key', 'column'],
    additionalProperties: false,
    properties: { foreign_key: text, column: text },
  },
  length: { type: 'integer', minimum: 0 },
  min_length: { type: 'integer', minimum: 0 },
  max_length: { type: 'integer', minimum: 0 },
  words: { type: 'integer', minimum: 1 },
  sentences: { type: 'integer', minimum: 1 },
  sentences_per_paragraph: { type: 'integer', minimum: 1 },
  paragraphs: { type: 'integer', minimum: 1 },
  decimals: { type: 'integer', minimum: 0, maximum: 15 },
  precision: { type: 'integer', minimum: 0, maximum: 15 },
  domain: text,
  format: text,
  version: { type: 'integer' },
  mean: number,
  std_dev: { type: 'number', minimum: 0 },
  element: { $ref: '#/definitions/options' },
  fields: { type: 'object', additionalProperties: { $ref: '#/definitions/options' } },
} as const

const column = {
  type: 'object',
  required: ['type'],
  additionalProperties: false,
  properties: {
    name: text,
    type: text,
    nullable: { type: 'boolean' },
    unique: { type: 'boolean' },
    primary_key: { type: 'boolean' },
    default: scalar,
    comment,
    description: comment,
    sequence: text,
    references: {
      anyOf: [
        text,
        {
          type: 'object',
          required: ['table'],
          additionalProperties: false,
          properties: {
            table: text,
            column: text,
            on_delete: action,
            on_update: action,
            distribution,
          },
        },
      ],
    },
    generator: {
      anyOf: [
        text,
        {
          type: 'object',
          required: ['type'],
          properties: { type: text, ...options },
          additionalProperties: false,
        },
      ],
    },
    generator_config: { $ref: '#/definitions/generator_config' },
    ...options,
  },
} as const

const constraint = (needed: string, more: object) => ({
  type: 'object',
  required: [needed],
  additionalProperties: false,
  properties: { name: text, comment, ...more },
})

const table = {
  type: 'object',
  required: ['columns'],
  additionalProperties: false,
  properties: {
    comment,
    description: comment,
    columns: {
      anyOf: [
        {
          type: 'array',
          items: { allOf: [{ $ref: '#/definitions/column' }, { type: 'object', required: ['name'] }] },
          minItems: 1,
        },
        { type: 'object', additionalProperties: { $ref: '#/definitions/column' }, minProperties: 1 },
      ],
    },
    primary_key: nameOrNames,
    foreign_keys: {
      type: 'array',
      items: {
        ...constraint('referenced_table', {
          columns: names,
          column: text,
          referenced_table: text,
          referenced_columns: names,
          referenced_column: text,
          on_delete: action,
          on_update: action,
          distribution,
        }),
      },
    },
    unique_constraints: {
      type: 'array',
      items: { anyOf: [names, constraint('columns', { columns: nameOrNames })] },
    },
    check_constraints: {
      type: 'array',
      items: { anyOf: [text, constraint('expression', { expression: text })] },
    },
    indexes: {
      type: 'array',
      items: {
        anyOf: [
          names,
          constraint('columns', {
            columns: nameOrNames,
            unique: { type: 'boolean' },
            where: text,
            type: { enum: ['btree', 'hash', 'gin', 'gist', 'brin', 'spgist'] },
            method: { enum: ['btree', 'hash', 'gin', 'gist', 'brin', 'spgist'] },
          }),
        ],
      },
    },
    row_count: { type: 'integer', minimum: 0 },
    scaled: { type: 'boolean' },
  },
} as const

const customType = {
  type: 'object',
  additionalProperties: false,
  properties: {
    kind: { enum: ['enum', 'composite', 'domain'] },
    type: { enum: ['enum', 'composite', 'domain'] },
    values: { type: 'array', items: text, minItems: 1, uniqueItems: true },
    fields: { $ref: '#/definitions/fields' },
    base_type: text,
    constraint: text,
    comment,
    definition: {
      type: 'object',
      additionalProperties: false,
      properties: {
        values: { type: 'array', items: text, minItems: 1, uniqueItems: true },
        fields: { $ref: '#/definitions/fields' },
        base_type: text,
        constraint: text,
      },
    },
  },
} as const

export const jsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://unpkg.com/@millrace/datagen/schema.json',
  title: 'A schema for millrace generate',
  type: 'object',
  required: ['tables'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    version: { enum: ['1.0', '1', 1] },
    comment,
    description: comment,
    database: {
      anyOf: [
        text,
        {
          type: 'object',
          additionalProperties: false,
          properties: { name: text, encoding: text, locale: text, comment, description: comment },
        },
      ],
    },
    locale: text,
    reference_time: text,
    tables: { type: 'object', additionalProperties: { $ref: '#/definitions/table' }, minProperties: 1 },
    sequences: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          start: { type: 'integer' },
          increment: { type: 'integer' },
          min_value: { type: ['integer', 'null'] },
          max_value: { type: ['integer', 'null'] },
          cache: { type: 'integer', minimum: 1 },
          cycle: { type: 'boolean' },
          comment,
        },
      },
    },
    custom_types: {
      type: 'object',
      additionalProperties: {
        anyOf: [
          { type: 'array', items: text, minItems: 1, uniqueItems: true },
          { $ref: '#/definitions/custom_type' },
        ],
      },
    },
    extensions: { type: 'array', items: text, uniqueItems: true },
  },
  definitions: {
    options: {
      type: 'object',
      additionalProperties: false,
      properties: { type: text, generator: text, comment, ...options },
    },
    generator_config: {
      type: 'object',
      additionalProperties: false,
      properties: { comment, ...options },
    },
    rule: {
      type: 'object',
      required: ['then'],
      additionalProperties: false,
      properties: {
        if: { type: 'object', additionalProperties: condition, minProperties: 1 },
        when: { type: 'object', additionalProperties: condition, minProperties: 1 },
        // biome-ignore lint/suspicious/noThenProperty: a property of schemas; nobody awaits this value.
        then: {
          type: 'object',
          minProperties: 1,
          additionalProperties: false,
          properties: { generator: text, null: { const: true }, comment, ...options },
        },
        comment,
      },
    },
    column,
    table,
    custom_type: customType,
    fields: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'type'],
        additionalProperties: false,
        properties: { name: text, type: text, comment },
      },
      minItems: 1,
    },
  },
} as const
