// @ts-check
/**
 * Files are signed for a few at once, and the first alone: its answer may bring the session's
 * cookie, to which the tokens of all are bound.
 */

const AT_ONCE = 3; // with as many files on their way: browsers have six connections to a server

/** @type {(() => void)[]} */
const waiting = [];
let allowed = 1;
let running = 0;

/**
 * Do something when it is its turn.
 *
 * @template Answer
 * @param {() => Promise<Answer>} action
 * @returns {Promise<Answer>}
 */
export async function inTurn(action) {
  while (running >= allowed) await new Promise((resolve) => waiting.push(() => resolve(null)));
  running++;
  try {
    const answer = await action();
    allowed = AT_ONCE;
    return answer;
  } finally {
    running--;
    for (const next of waiting.splice(0, allowed - running)) next();
  }
}
