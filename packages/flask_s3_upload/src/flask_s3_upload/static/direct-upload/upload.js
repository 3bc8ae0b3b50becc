// @ts-check
/** One file: signed for, and sent as a whole or in parts. */

import { persist, UploadError } from "./attempts.js";
import { requireReadable } from "./files.js";
import { Memory } from "./memory.js";
import { ask, transfer } from "./requests.js";
import { inTurn } from "./turns.js";

/**
 * @typedef {import("./requests.js").Way} Way
 * @typedef {{ token: string, partSize?: number }} Ticket with a size, its file goes in parts
 */

const PARTS_AT_ONCE = 3;

/** One file on its way. */
export class DirectUpload {
  /** @type {Ticket | null} */ #ticket = null;
  /** @type {Way | null} of a file that goes as a whole */ #way = null;
  #wayEnds = 0; // milliseconds, as Date.now
  #isWhole = false; // all is there since before a reload
  #abort = new AbortController();
  #memory;
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
    this.#memory = new Memory(file, this.url, purpose);
  }

  /**
   * Ask whether the file may be sent, to know it early. `send` asks, too.
   *
   * @throws {UploadError} final if the file is refused
   */
  async prepare() {
    await requireReadable(this.file);
    if (!this.#ticket) await this.#recall();
    await this.#sign();
  }

  /**
   * Send the file. After a failure, call it again to go on: parts that have arrived are not sent
   * again. Nor are they after a reload, if the same file is chosen again in the same tab.
   *
   * @returns {Promise<string>} the token that the form must carry
   */
  async send() {
    await this.prepare();
    const { partSize } = /** @type {Ticket} */ (this.#ticket);
    if (!this.#isWhole) await (partSize ? this.#sendParts(partSize) : this.#sendWhole());
    this.#memory.finish();
    this.onprogress(this.file.size, this.file.size);
    return this.#token;
  }

  /** Stop, and have the server remove what has arrived. */
  async cancel() {
    this.#abort.abort();
    this.#memory.release();
    if (this.#ticket) await this.#ask("cancel", { token: this.#token }, null);
  }

  get #token() {
    return /** @type {Ticket} */ (this.#ticket).token;
  }

  /** Go on where an upload of the same file was before the page was loaded again. */
  async #recall() {
    const begun = this.#memory.recall();
    if (!begun) return;
    try {
      const { whole, parts } = await this.#ask("arrived", { token: begun.token });
      if (!whole && !begun.partSize) return;
      this.#ticket = begun;
      this.#isWhole = whole;
      for (const part of parts) {
        this.#arrived.add(part);
        this.#underway.set(part, this.#part(part, begun.partSize ?? 0).size);
      }
    } catch (error) {
      // It was claimed or removed, has expired, or is another visitor's: this is a new upload.
      if (!(error instanceof UploadError) || error.passing) throw error;
      this.#memory.forget();
    }
  }

  async #sign() {
    // Parts are signed one by one, so that their upload goes on for as long as the token holds.
    if (this.#ticket?.partSize || this.#isWhole || (this.#way && Date.now() < this.#wayEnds)) return;
    const { name, size, type } = this.file;
    try {
      const answer = await inTurn(() => this.#ask("sign", { filename: name, size, type }));
      const { token, partSize, expires, ...way } = answer;
      this.#ticket = { token, partSize };
      this.#way = way;
      this.#wayEnds = Date.now() + expires * 1000;
      this.#memory.keep(token, partSize);
    } catch (error) {
      if (error instanceof UploadError) error.final = error.status === 422;
      throw error;
    }
  }

  async #sendWhole() {
    await this.#persist(async () => {
      await this.#sign();
      try {
        await this.#transfer(/** @type {Way} */ (this.#way), this.file, 0);
      } catch (error) {
        this.#way = null; // the next attempt needs another: it may have expired
        throw error;
      }
    });
  }

  /** @param {number} partSize */
  async #sendParts(partSize) {
    const token = this.#token;
    const count = Math.ceil(this.file.size / partSize);
    const waiting = Array.from({ length: count }, (_, index) => index + 1);
    /** @param {number} part */
    const send = async (part) => {
      const way = /** @type {Way} */ (await this.#ask("part", { token, part }));
      await this.#transfer(way, this.#part(part, partSize), part);
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
   * @param {number} number counted from 1
   * @param {number} size of each but the last
   */
  #part(number, size) {
    return this.file.slice((number - 1) * size, number * size);
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
      // A connection that breaks and a file that changes look the same to a request.
      if (error instanceof UploadError && error.status === 0) await requireReadable(bytes);
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
