/**
 * Which values a column's name stands for: `email`, `created_at`, `price`. Only where the column's type can
 * hold them, and only where the schema says nothing itself.
 */
import type { GeneratorOptions, SqlType } from '../schema/index.js'

/** Names in lower case, words joined by `_`; the first row that fits counts. */
const texts: readonly (readonly [RegExp, GeneratorOptions])[] = [
  [/(?:^|_)e?_?mails?(?:_?address)?$/, { generator: 'email' }],
  [/(?:^|_)(?:phone|telephone|mobile|cell|fax|tel)(?:_?(?:number|no))?$/, { generator: 'phone' }],
  [/(?:^|_)(?:first_?name|fname|given_?name|forename)$/, { generator: 'first_name' }],
  [/(?:^|_)(?:last_?name|lname|surname|family_?name)$/, { generator: 'last_name' }],
  [/(?:^|_)(?:user_?name|login|handle|screen_?name|nick_?name)$/, { generator: 'username' }],
  [
    /(?:^|_)(?:company|organi[sz]ation|employer|vendor|manufacturer|supplier)(?:_?name)?$/,
    { generator: 'company' },
  ],
  [/(?:^|_)(?:product|item)_?(?:name|title)$/, { generator: 'product_name' }],
  [
    /(?:^|_)(?:full_?name|display_?name|contact_?name|customer_?name|author(?:_?name)?|person_?name|patient_?name|doctor_?name)$/,
    { generator: 'full_name' },
  ],
  [/(?:^|_)(?:file_?name)$/, { generator: 'file_name' }],
  [/(?:^|_)(?:street_?address|address(?:_?line)?_?1?|street|addr)$/, { generator: 'address' }],
  [/(?:^|_)address(?:_?line)?_?2$/, { generator: 'secondary_address' }],
  [/(?:^|_)(?:city|town)(?:_?name)?$/, { generator: 'city' }],
  [/(?:^|_)(?:state|province|region)(?:_?name)?$/, { generator: 'state' }],
  [/(?:^|_)county$/, { generator: 'county' }],
  [/(?:^|_)country_?code$/, { generator: 'country_code' }],
  [/(?:^|_)(?:country|nation|nationality)(?:_?name)?$/, { generator: 'country' }],
  [/(?:^|_)(?:postal_?code|post_?code|zip(?:_?code)?)$/, { generator: 'postal_code' }],
  [/(?:^|_)time_?zone$/, { generator: 'time_zone' }],
  [/(?:^|_)(?:language|lang|locale)(?:_?code)?$/, { generator: 'language_code' }],
  [
    /(?:^|_)(?:avatar|image|photo|picture|thumbnail|logo)(?:_?(?:url|uri|link))?$/,
    { generator: 'image_url' },
  ],
  [/(?:^|_)(?:url|uri|website|homepage|web_?site|link)$/, { generator: 'url' }],
  [/(?:^|_)domain(?:_?name)?$/, { generator: 'domain_name' }],
  [/(?:^|_)(?:ip|ip_?address|ipv4|ip_?addr)$/, { generator: 'ip' }],
  [/(?:^|_)user_?agent$/, { generator: 'user_agent' }],
  [/(?:^|_)(?:uuid|guid)$/, { generator: 'uuid' }],
  [/(?:^|_)slug$/, { generator: 'slug' }],
  [/(?:^|_)(?:job_?title|position|occupation|profession)$/, { generator: 'job_title' }],
  [/(?:^|_)(?:department|dept)(?:_?name)?$/, { generator: 'department' }],
  [/(?:^|_)(?:gender|sex)$/, { values: ['female', 'male', 'other'], weights: [49, 49, 2] }],
  [
    /(?:^|_)currency(?:_?code)?$/,
    { values: ['USD', 'EUR', 'GBP', 'JPY', 'CHF'], weights: [50, 30, 10, 5, 5] },
  ],
  [/(?:^|_)iban$/, { generator: 'iban' }],
  [/(?:^|_)(?:credit_?card|card)_?(?:number|no)$/, { generator: 'card_number' }],
  [/(?:^|_)(?:password|password_?hash|pwd)$/, { generator: 'password_hash' }],
  [/(?:^|_)(?:token|secret|api_?key|hash|checksum|fingerprint|digest)$/, { generator: 'hex', lengthMax: 40 }],
  [/(?:^|_)colou?r$/, { generator: 'color' }],
  [/(?:^|_)mime_?type$/, { generator: 'mime_type' }],
  [/(?:^|_)(?:sku|product_?code)$/, { pattern: '[A-Z]{3}-[0-9]{6}' }],
  [/(?:^|_)(?:title|headline|subject)$/, { generator: 'title' }],
  [/(?:^|_)(?:bio|about)$/, { generator: 'bio' }],
  [/(?:^|_)(?:summary|excerpt|description|desc|caption|subtitle|tagline)$/, { generator: 'sentence' }],
  [/(?:^|_)(?:comments?|notes?|message|review|reason|remarks?|feedback)$/, { generator: 'sentences' }],
  [/(?:^|_)(?:body|content|text|details)$/, { generator: 'paragraph' }],
  [/(?:^|_)status$/, { values: ['active', 'inactive', 'pending'], weights: [75, 15, 10] }],
]

const numbers: readonly (readonly [RegExp, GeneratorOptions])[] = [
  [/(?:^|_)age$/, { min: 18, max: 90 }],
  [/(?:^|_)(?:quantity|qty)$/, { min: 1, max: 10, distribution: { type: 'zipf', exponent: 1.1 } }],
  [/(?:^|_)(?:rating|stars)$/, { min: 1, max: 5 }],
  [/(?:^|_)year$/, { min: 1990, max: 2025 }],
  [/(?:^|_)month$/, { min: 1, max: 12 }],
  [/(?:^|_)(?:lat|latitude)$/, { min: -90, max: 90, decimals: 6 }],
  [/(?:^|_)(?:lon|lng|long|longitude)$/, { min: -180, max: 180, decimals: 6 }],
  [/(?:^|_)(?:percent|percentage|pct)$/, { min: 0, max: 100 }],
  [/(?:^|_)(?:discount|tax)_?rate$/, { min: 0, max: 0.5 }],
  [
    /(?:^|_)(?:price|amount|total|subtotal|cost|fee|unit_?price|total_?amount|balance|revenue)(?:_?usd|_?eur)?$/,
    { min: 1, max: 2000, distribution: { type: 'lognormal' } },
  ],
  [/(?:^|_)salary$/, { min: 25_000, max: 250_000, distribution: { type: 'lognormal' } }],
  [
    /(?:^|_)(?:stock|inventory|view_?count|views|likes|clicks|downloads)$/,
    { min: 0, max: 10_000, distribution: { type: 'exponential' } },
  ],
  [/(?:^|_)(?:score|points)$/, { min: 0, max: 100 }],
  [/(?:^|_)port$/, { min: 1024, max: 32_767 }],
  [/(?:^|_)(?:count|number|num|level|priority|position|sort_?order|rank)$/, { min: 1, max: 100 }],
]

const birth = { start: '1940-01-01', end: '2007-12-31' } as const

const moments: readonly (readonly [RegExp, GeneratorOptions])[] = [
  [/(?:^|_)(?:birth_?date|date_?of_?birth|dob|birthday|born(?:_?(?:on|at))?)$/, birth],
  [
    /(?:^|_)(?:expires?(?:_?(?:at|on|date))?|expiry(?:_?date)?|expiration(?:_?date)?|due_?(?:date|at|on)|valid_?(?:to|until))$/,
    { start: 'now', end: 'now+730d' },
  ],
]

/** `userEmail`, `User E-Mail` as `user_email`. */
function plainName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .toLowerCase()
}

/** The largest number that a column of `type` holds. */
function largestOf({ max, precision, scale = 0 }: SqlType): number {
  return (
    max ?? (precision === undefined ? Number.POSITIVE_INFINITY : 10 ** (precision - scale) - 10 ** -scale)
  )
}

/** What the name of a column of `type` says about its values; nothing for most names. */
export function optionsByName(name: string, type: SqlType): GeneratorOptions {
  const plain = plainName(name)
  const find = (rows: readonly (readonly [RegExp, GeneratorOptions])[]) =>
    rows.find(([words]) => words.test(plain))?.[1] ?? {}
  switch (type.kind) {
    case 'text':
      return plain === 'name' ? { generator: 'name' } : find(texts)
    case 'integer':
    case 'decimal':
    case 'double': {
      const guessed = find(numbers)
      return Number(guessed.min ?? 0) <= largestOf(type) ? guessed : {}
    }
    case 'date':
    case 'timestamp':
      return find(moments)
    default:
      return {}
  }
}

/** Columns by name that a moment of change follows: `updated_at` comes after `created_at`. */
export function earlierColumn(name: string, all: readonly string[]): string | undefined {
  const plain = plainName(name)
  const later: readonly (readonly [RegExp, readonly string[]])[] = [
    [
      /^(?:updated|modified|changed|last_modified|deleted|cancelled|closed|completed|resolved|published)_?(?:at|on|date|time)?$/,
      ['created_at', 'created_on', 'created_date', 'created', 'opened_at', 'started_at'],
    ],
    [/^last_(?:login|seen|active)(?:_at|_on)?$/, ['created_at', 'registered_at', 'signup_at', 'joined_at']],
    [
      /^(?:end|ends|ended|finish|finished|stop|stopped)(?:_?(?:at|on|date|time))?$/,
      [
        'start',
        'starts',
        'started',
        'start_at',
        'start_date',
        'start_time',
        'starts_at',
        'started_at',
        'started_on',
        'begin_at',
        'begin_date',
      ],
    ],
    [/^(?:shipped|delivered|paid)_?(?:at|on|date)$/, ['ordered_at', 'order_date', 'created_at', 'placed_at']],
  ]
  const row = later.find(([words]) => words.test(plain))
  const plains = new Map(all.map((other) => [plainName(other), other]))
  const found = row?.[1]
    .map((other) => plains.get(other))
    .find((other) => other !== undefined && other !== name)
  return found
}
