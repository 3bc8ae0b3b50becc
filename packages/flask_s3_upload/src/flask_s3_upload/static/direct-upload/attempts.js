// @ts-check
/** Failures, and trying again. */

const ATTEMPTS = 5;
const FIRST_PAUSE = 500; // milliseconds; doubled after each attempt

/** An upload failed; the message is for people. */
export class UploadError extends Error {
  /**
   * @param {string} message
   * @param {number} status of the answer; 0 if there was none
   */
  constructor(message, status) {
    super(message);
    this.name = "UploadError";
    this.status = status;
  }

  /**
   * Whether the file itself is at fault, so that no other attempt can help: it breaks a rule, is a
   * folder, or cannot be read any more.
   */
  final = false;

  /** Whether the same may work later. */
  get passing() {
    if (this.final) return false;
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** Whether the signature may be at fault. */
  get refused() {
    return [400, 401, 403].includes(this.status);
  }
}

/**
 * @param {string} message
 * @param {number} [status]
 */
export function finalError(message, status = 0) {
  const error = new UploadError(message, status);
  error.final = true;
  return error;
}

/**
 * Do something again for as long as it fails in passing, and once more after a refusal.
 *
 * @param {() => Promise<unknown>} attempt asks for a new signature each time, if it needs one
 * @param {AbortSignal} signal
 */
export async function persist(attempt, signal) {
  let refusals = 0;
  for (let number = 1; ; number++) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (!(error instanceof UploadError) || number === ATTEMPTS) throw error;
      if (!error.passing && !(error.refused && refusals++ === 0)) throw error;
      await pause(FIRST_PAUSE * 2 ** (number - 1), signal);
    }
  }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}
