// @ts-check
/**
 * Submitting a form with files: one that is submitted too early goes as soon as they are there,
 * once, however many elements it has.
 */

import { text } from "./words.js";

/**
 * @typedef {{ state: "busy" | "done" | "failed" | "refused" | "removed" }} Entry
 * @typedef {object} Part one of the elements that hold a form up
 * @property {HTMLElement} element
 * @property {HTMLInputElement} input
 * @property {Entry[]} items
 * @property {(message: string) => void} say
 */

/** @type {WeakMap<HTMLFormElement, Gate>} */
const gates = new WeakMap();

/**
 * Have an element's form wait for it.
 *
 * @param {Part} part
 * @returns {() => void} to be called when the state of a file has changed
 */
export function watch(part) {
  const { form } = part.input;
  if (!form) return () => {};
  const gate = gates.get(form) ?? new Gate(form);
  gates.set(form, gate);
  gate.parts.add(part);
  return () => gate.settle();
}

class Gate {
  /** @type {Set<Part>} */ parts = new Set();
  /** @type {Set<Entry> | null} those that are waited for */ #awaited = null;
  /** @type {HTMLElement | null} */ #submitter = null;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    form.addEventListener("submit", (event) => this.#hold(event));
  }

  /** @param {SubmitEvent} event */
  #hold(event) {
    const busy = this.#files("busy");
    if (!busy.length && !this.#files("failed").length) return;
    event.preventDefault();
    this.#submitter = event.submitter;
    this.#awaited ??= new Set();
    for (const file of busy) this.#awaited.add(file);
    this.settle();
  }

  settle() {
    if (!this.#awaited || this.#files("busy").length) return;
    const awaited = this.#awaited;
    this.#awaited = null;
    // Of what was refused before the form was submitted, the visitor knows.
    const isNews = (/** @type {Entry} */ file) => file.state === "refused" && awaited.has(file);
    if (this.#say(text.unfinished, (file) => file.state === "failed")) return;
    if (this.#say(text.refusedMeanwhile, isNews)) return;
    // Later, as the change of a file's state that has led here is not complete yet.
    queueMicrotask(() => {
      const submitter = this.#submitter;
      this.form.requestSubmit(submitter?.isConnected ? submitter : null);
    });
  }

  /**
   * Show a message in each element that has such a file.
   *
   * @param {string} message
   * @param {(file: Entry) => boolean} isSo
   */
  #say(message, isSo) {
    const parts = this.#parts().filter((part) => part.items.some(isSo));
    // Later, as the message of the file itself would replace it.
    queueMicrotask(() => parts.forEach((part) => part.say(message)));
    return parts.length > 0;
  }

  /** The elements that are still in the page: scripts may have removed some. */
  #parts() {
    return [...this.parts].filter((part) => part.element.isConnected);
  }

  /** @param {Entry["state"]} state */
  #files(state) {
    return this.#parts().flatMap((part) => part.items.filter((file) => file.state === state));
  }
}
