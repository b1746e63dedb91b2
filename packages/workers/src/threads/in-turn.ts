/**
 * Resolves when the answer to the task before has been sent. Piscina goes on with an answer some microtasks
 * behind the task.
 */
let answered: Promise<unknown> = Promise.resolve()

const pause = () => {}

/**
 * A pool's task function that runs one task after the other. A worker that has two tasks would run both
 * before it sends the answer to the first: piscina takes them in one turn. Whoever waits for the first answer
 * would wait as long again, and send the next two tasks as late.
 */
export function inTurn<Task, Answer>(run: (task: Task) => Answer): (task: Task) => Promise<Answer> {
  return (task) => {
    const answer = answered.then(() => run(task))
    answered = answer.then(pause).then(pause).then(pause)
    return answer
  }
}
