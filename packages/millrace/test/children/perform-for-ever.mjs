/**
 * A process that opens the database named by its first argument and does the actions of the row that belongs
 * to the seed, its second, from the number on that is its third; each is reported when it is done. It ends
 * when it is killed, or when an action does not end as the model says.
 */
import { writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { actionAt, emptyDatabase, perform, performOn } from '@millrace/testing'
import { Database } from 'millrace'

const [, , path, seedText, fromText] = process.argv
const seed = Number(seedText)
const from = Number(fromText)

let model = emptyDatabase
for (let number = 0; number < from; number++) model = perform(model, actionAt(seed, number)).model

const open = async () => await Database.open(path, { threads: 1, memoryBudget: 48 << 20 })
/** Synchronous, so that it is said before the next action begins. */
const say = (text) => writeSync(1, `${text}\n`)

let database = await open()
say('open')
for (let number = from; ; number++) {
  const action = actionAt(seed, number)
  const { model: after, outcomes } = perform(model, action)
  let found = ['done']
  if (action.kind === 'reopen') {
    await database.close()
    say('closed')
    database = await open()
  } else found = await performOn(database, dirname(path), model, action)
  if (String(found) !== String(outcomes)) {
    say(`wrong ${number}: ${found} instead of ${outcomes}`)
    process.exit(1)
  }
  model = after
  say(`done ${number}`)
}
