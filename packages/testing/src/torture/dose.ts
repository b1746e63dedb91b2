/**
 * How much of a torture test is run: a few rounds in every run of the tests, many when `pnpm test:torture`
 * asks for seconds.
 *
 * - Each round has a generator of its own, made of the seed and the round's number: a round that fails is
 *   repeated alone, from what its error says.
 * - The quick dose is always the same; the long one is another whenever its seed is.
 */
import { Random } from '../simulated/random.js'

interface Dose {
  /** Seconds for each test; 0: the quick dose. */
  readonly seconds: number
  readonly seed: number
  readonly onlyRound: number | null
}

function numberOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`the dose says ${text}, not a number`)
  return value
}

/** The dose of this run: what the command puts into the environment. */
function readDose(): Dose {
  return {
    seconds: numberOf(process.env.MILLRACE_TORTURE_SECONDS) ?? 0,
    seed: numberOf(process.env.MILLRACE_TORTURE_SEED) ?? 1,
    onlyRound: numberOf(process.env.MILLRACE_TORTURE_ROUND),
  }
}

/**
 * Milliseconds that a torture test may take, for those that are slow in a quick dose, too: a round under way
 * at the end of its time is finished.
 */
export const tortureTimeoutMs = 300_000 + 1000 * readDose().seconds

/** What one round gets. */
export interface Round {
  readonly random: Random
  readonly number: number
  /** In the long dose a round may be thorough. */
  readonly isLong: boolean
}

function roundOf({ seed, seconds }: Dose, number: number): Round {
  // Consecutive seeds and rounds must not give the same generators in another order.
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b))
  return { random, number, isLong: seconds > 0 }
}

/**
 * Runs `action` again and again: `quickRounds` times, or for the seconds of the long dose.
 * @throws what `action` throws, saying how to repeat the round
 */
export async function torture(
  quickRounds: number,
  action: (round: Round) => void | Promise<void>,
): Promise<void> {
  const dose = readDose()
  const endMs = performance.now() + dose.seconds * 1000
  const first = dose.onlyRound ?? 0
  for (let number = first; ; number++) {
    try {
      await action(roundOf(dose, number))
    } catch (error) {
      const repeat = `pnpm test:torture -- --seed ${dose.seed} --round ${number}`
      const message = error instanceof Error ? error.message : String(error)
      throw new Error(`round ${number} of seed ${dose.seed}: ${message}\n  again: ${repeat}`, {
        cause: error,
      })
    }
    if (dose.onlyRound !== null) return
    const done = dose.seconds > 0 ? performance.now() >= endMs : number + 1 >= quickRounds
    if (done) return
  }
}
