// @ts-check
/**
 * The uploads that this tab of the browser has begun, also before a reload: when the same file is
 * chosen again, its upload goes on. The server knows what has arrived.
 */

/**
 * @typedef {{ token: string, partSize?: number, page: string, done: boolean }} Begun
 */

const PREFIX = "direct-upload:";

/** The keys of this page's uploads: a file that is chosen twice is sent twice. */
const inUse = /** @type {Set<string>} */ (new Set());

/** What is remembered of one upload. */
export class Memory {
  #key;
  #isOurs = false;

  /**
   * @param {File} file is known again by name, size and time of its last change
   * @param {string} url
   * @param {string} purpose
   */
  constructor(file, url, purpose) {
    this.#key = key(url, purpose, file.name, file.size, file.lastModified);
  }

  /**
   * Return the upload of this file that was begun before, unless this page has it already.
   *
   * @returns {Begun | null}
   */
  recall() {
    if (inUse.has(this.#key)) return null;
    const begun = read(this.#key);
    if (begun && isInPage(begun.token)) return null;
    inUse.add(this.#key);
    this.#isOurs = true;
    return begun;
  }

  /**
   * @param {string} token
   * @param {number} [partSize]
   */
  keep(token, partSize) {
    this.#write({ token, partSize, page: location.pathname, done: false });
  }

  /** Remember that all bytes have arrived. */
  finish() {
    const begun = this.#isOurs && read(this.#key);
    if (begun) this.#write({ ...begun, done: true });
  }

  forget() {
    if (this.#isOurs) attempt(() => sessionStorage.removeItem(this.#key));
  }

  /** Let the same file be chosen again. */
  release() {
    this.forget();
    if (this.#isOurs) inUse.delete(this.#key);
    this.#isOurs = false;
  }

  /** @param {Begun} begun */
  #write(begun) {
    if (this.#isOurs) attempt(() => sessionStorage.setItem(this.#key, JSON.stringify(begun)));
  }
}

/**
 * Return the names of files whose parts were on their way when this page was loaded again.
 *
 * @param {string} url
 * @param {string} purpose
 */
export function interrupted(url, purpose) {
  const found = [];
  for (const name of attempt(() => Object.keys(sessionStorage)) ?? []) {
    if (!name.startsWith(PREFIX) || inUse.has(name)) continue;
    const begun = read(name);
    if (!begun?.partSize || begun.done || begun.page !== location.pathname) continue;
    const [ofUrl, ofPurpose, filename] = JSON.parse(name.slice(PREFIX.length));
    if (ofUrl === url && ofPurpose === purpose) found.push(filename);
  }
  return found;
}

/** @param {unknown[]} values */
function key(...values) {
  return PREFIX + JSON.stringify(values);
}

/** @param {string} name @returns {Begun | null} */
function read(name) {
  return attempt(() => JSON.parse(sessionStorage.getItem(name) ?? "null")) ?? null;
}

/** @param {string} token */
function isInPage(token) {
  return document.querySelector(`input[type=hidden][value="${CSS.escape(token)}"]`) !== null;
}

/**
 * Return undefined where the browser stores nothing, because of its settings or a lack of room.
 *
 * @template Found
 * @param {() => Found} action
 */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
