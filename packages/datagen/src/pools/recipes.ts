/** What goes into each pool: which of faker's functions, and how often it is asked. */
import type { Faker } from '@faker-js/faker'

export interface Recipe {
  /** Draws; entries that come twice are kept once. */
  readonly draws: number
  readonly draw: (faker: Faker) => string
}

const recipe = (draws: number, draw: (faker: Faker) => string): Recipe => ({ draws, draw })

/** Free mail providers, with domains that are reserved for examples. */
const mailDomains = [
  'example.com',
  'example.org',
  'example.net',
  'mail.example.com',
  'post.example.org',
  'inbox.example.net',
]

export const recipes: Readonly<Record<string, Recipe>> = {
  first_name: recipe(2500, (faker) => faker.person.firstName()),
  last_name: recipe(2500, (faker) => faker.person.lastName()),
  name_prefix: recipe(200, (faker) => faker.person.prefix()),
  job_title: recipe(1500, (faker) => faker.person.jobTitle()),
  gender: recipe(40, (faker) => faker.person.sex()),
  city: recipe(2000, (faker) => faker.location.city()),
  state: recipe(500, (faker) => faker.location.state()),
  county: recipe(500, (faker) => faker.location.county()),
  country: recipe(2000, (faker) => faker.location.country()),
  country_code: recipe(2000, (faker) => faker.location.countryCode()),
  street: recipe(2000, (faker) => faker.location.street()),
  secondary_address: recipe(500, (faker) => faker.location.secondaryAddress()),
  postal_code: recipe(2000, (faker) => faker.location.zipCode()),
  time_zone: recipe(1000, (faker) => faker.location.timeZone()),
  language_code: recipe(600, (faker) => faker.location.language().alpha2),
  phone: recipe(200, (faker) => faker.phone.number({ style: 'national' })),
  company: recipe(1500, (faker) => faker.company.name()),
  catch_phrase: recipe(2000, (faker) => faker.company.catchPhrase()),
  department: recipe(300, (faker) => faker.commerce.department()),
  product_name: recipe(1500, (faker) => faker.commerce.productName()),
  product_description: recipe(1500, (faker) => faker.commerce.productDescription()),
  product_material: recipe(200, (faker) => faker.commerce.productMaterial()),
  mail_domain: recipe(200, (faker) => faker.helpers.arrayElement(mailDomains)),
  domain_word: recipe(2000, (faker) => faker.internet.domainWord()),
  user_agent: recipe(500, (faker) => faker.internet.userAgent()),
  currency_code: recipe(1000, (faker) => faker.finance.currencyCode()),
  currency_name: recipe(1000, (faker) => faker.finance.currencyName()),
  transaction_type: recipe(100, (faker) => faker.finance.transactionType()),
  color: recipe(300, (faker) => faker.color.human()),
  file_name: recipe(1000, (faker) => faker.system.fileName()),
  mime_type: recipe(300, (faker) => faker.system.mimeType()),
  adjective: recipe(2000, (faker) => faker.word.adjective()),
  noun: recipe(2000, (faker) => faker.word.noun()),
  word: recipe(2500, (faker) => faker.lorem.word()),
  sentence: recipe(1500, (faker) => faker.lorem.sentence({ min: 5, max: 10 })),
  bio: recipe(1000, (faker) => faker.person.bio()),
  hacker_phrase: recipe(1000, (faker) => faker.hacker.phrase()),
  vehicle: recipe(1000, (faker) => faker.vehicle.vehicle()),
  book_title: recipe(1000, (faker) => faker.book.title()),
  song_name: recipe(1000, (faker) => faker.music.songName()),
  airline: recipe(400, (faker) => faker.airline.airline().name),
  airport: recipe(1000, (faker) => faker.airline.airport().name),
  iata: recipe(1000, (faker) => faker.airline.airport().iataCode),
}
