// @ts-check
/** One file: signed for, and sent as a whole or in parts. */

import { persist, UploadError } from "./attempts.js";
import { ask, transfer } from "./requests.js";

/**
 * @typedef {import("./requests.js").Way} Way
 * @typedef {Way & { token: string, expires: number, uploadId?: string, partSize?: number }} Answer
 */

const PARTS_AT_ONCE = 3;

/**
 * Files are signed for one after the other: the first answer may bring the session's cookie, to
 * which the tokens of all are bound.
 *
 * @type {Promise<unknown>}
 */
let signing = Promise.resolve();

/** One file on its way. */
export class DirectUpload {
  /** @type {Answer | null} */ #answer = null;
  #signedAt = 0;
  #abort = new AbortController();
  /** @type {Set<number>} the parts that have arrived */ #arrived = new Set();
  /** @type {Map<number, number>} bytes on their way, by part */ #underway = new Map();

  /**
   * @param {File} file
   * @param {object} options
   * @param {string} options.url of the signing route, less its last word: "/uploads/-/"
   * @param {string} [options.purpose]
   * @param {(loaded: number, total: number) => void} [options.onprogress] in bytes
   */
  constructor(file, { url, purpose = "file", onprogress = () => {} }) {
    this.file = file;
    this.url = url.replace(/\/?$/, "/");
    this.purpose = purpose;
    this.onprogress = onprogress;
  }

  /**
   * Send the file. After a failure, call it again to go on: parts that have arrived stay.
   *
   * @returns {Promise<string>} the token that the form must carry
   */
  async send() {
    const answer = await this.#sign();
    if (answer.uploadId) await this.#sendParts(answer);
    else await this.#sendWhole();
    this.onprogress(this.file.size, this.file.size);
    return /** @type {Answer} */ (this.#answer).token;
  }

  /** Stop, and have the server remove what has arrived. */
  async cancel() {
    this.#abort.abort();
    if (this.#answer) await this.#ask("cancel", { token: this.#answer.token }, null);
  }

  async #sign() {
    const age = (Date.now() - this.#signedAt) / 1000;
    // Parts are signed one by one, so that their upload goes on for as long as the token holds.
    if (this.#answer && (this.#answer.uploadId || age < this.#answer.expires)) return this.#answer;
    const { name, size, type } = this.file;
    const asked = signing.then(() => this.#ask("sign", { filename: name, size, type }));
    signing = asked.catch(() => {});
    const answer = /** @type {Answer} */ (
      await asked.catch((error) => {
        if (error instanceof UploadError) error.final = error.status === 422;
        throw error;
      })
    );
    this.#answer = answer;
    this.#signedAt = Date.now();
    return answer;
  }

  async #sendWhole() {
    await this.#persist(async () => {
      try {
        await this.#transfer(await this.#sign(), this.file, 0);
      } catch (error) {
        this.#answer = null; // signed anew for the next attempt: it may have expired
        throw error;
      }
    });
  }

  /** @param {Answer} answer */
  async #sendParts({ token, partSize = this.file.size }) {
    const count = Math.ceil(this.file.size / partSize);
    const waiting = Array.from({ length: count }, (_, index) => index + 1);
    /** @param {number} part */
    const send = async (part) => {
      const way = /** @type {Way} */ (await this.#ask("part", { token, part }));
      const bytes = this.file.slice((part - 1) * partSize, part * partSize);
      await this.#transfer(way, bytes, part);
    };
    const next = async () => {
      for (let part; (part = waiting.shift()); ) {
        const number = part;
        if (this.#arrived.has(number)) continue;
        try {
          await this.#persist(() => send(number));
        } catch (error) {
          waiting.length = 0; // one has failed for good: the others need not begin
          throw error;
        }
        this.#arrived.add(number);
      }
    };
    // Those that are under way arrive first, so that a retry does not send them again.
    const ended = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, next));
    for (const end of ended) if (end.status === "rejected") throw end.reason;
    await this.#persist(() => this.#ask("complete", { token }));
  }

  /**
   * @param {Way} way
   * @param {Blob} bytes
   * @param {number} part 0 for the whole file
   */
  async #transfer(way, bytes, part) {
    try {
      await transfer(way, bytes, this.#abort.signal, (loaded) => {
        this.#underway.set(part, Math.min(loaded, bytes.size));
        this.#report();
      });
      this.#underway.set(part, bytes.size);
    } catch (error) {
      this.#underway.delete(part);
      throw error;
    } finally {
      this.#report();
    }
  }

  /** @param {() => Promise<unknown>} attempt */
  #persist(attempt) {
    return persist(attempt, this.#abort.signal);
  }

  #report() {
    let loaded = 0;
    for (const bytes of this.#underway.values()) loaded += bytes;
    this.onprogress(loaded, this.file.size);
  }

  /**
   * @param {string} question
   * @param {Record<string, unknown>} body
   * @param {AbortSignal | null} signal
   * @returns {Promise<any>}
   */
  #ask(question, body, signal = this.#abort.signal) {
    return ask(this.url + question, { purpose: this.purpose, ...body }, signal);
  }
}
