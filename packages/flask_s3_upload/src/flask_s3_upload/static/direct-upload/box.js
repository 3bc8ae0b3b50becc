// @ts-check
/** One element with its files. */

import { Item } from "./item.js";
import { text } from "./words.js";

const FILES_AT_ONCE = 3;

export class Box {
  #running = 0;
  /** @type {Item[]} */ #waiting = [];
  /** @type {Set<Item>} */ #items = new Set();
  /** @type {(() => void)[]} */ #idle = [];

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.input = /** @type {HTMLInputElement} */ (element.querySelector("input[type=file]"));
    this.name = element.dataset.name ?? this.input.name;
    this.required = this.input.required || "required" in element.dataset;
    this.input.removeAttribute("name"); // the form carries tokens, not files
    this.list = element.appendChild(document.createElement("ul"));
    this.list.className = "direct-upload-files";
    const hint = document.createElement("span");
    hint.textContent = text.drop;
    hint.className = "direct-upload-hint";
    this.input.after(" ", hint);
    this.status = element.appendChild(document.createElement("p"));
    this.status.className = "direct-upload-status";
    this.status.setAttribute("role", "status");
    for (const token of element.querySelectorAll("input[type=hidden]")) {
      this.#add(new Item(this, null, /** @type {HTMLInputElement} */ (token)));
    }
    this.#listen();
  }

  #listen() {
    this.input.addEventListener("change", () => {
      this.take(this.input.files ?? []);
      this.input.value = "";
    });
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
      this.element.addEventListener(type, (event) => {
        event.preventDefault();
        this.element.classList.toggle("is-over", type === "dragenter" || type === "dragover");
      });
    }
    this.element.addEventListener("drop", (event) => this.take(event.dataTransfer?.files ?? []));
    this.input.form?.addEventListener("submit", (event) => this.#hold(event));
  }

  /** @param {Iterable<File>} files */
  take(files) {
    const chosen = [...files];
    if (!this.input.multiple && chosen.length) {
      chosen.splice(0, chosen.length - 1);
      for (const item of this.#items) item.remove();
    }
    for (const file of chosen) {
      const item = new Item(this, file, null);
      this.#add(item);
      this.queue(item);
    }
  }

  /** @param {Item} item */
  #add(item) {
    this.#items.add(item);
    this.list.append(item.element);
    this.#settle();
  }

  /** @param {Item} item */
  forget(item) {
    this.#items.delete(item);
    this.#waiting = this.#waiting.filter((other) => other !== item);
    this.#settle();
  }

  /** @param {Item} item */
  async queue(item) {
    this.#waiting.push(item);
    if (this.#running === FILES_AT_ONCE) return;
    this.#running++;
    for (let next; (next = this.#waiting.shift()); ) await next.send();
    this.#running--;
    this.#settle();
  }

  #settle() {
    this.input.required = this.required && this.#items.size === 0;
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /**
   * A form that is submitted too early goes as soon as its files are there.
   *
   * @param {SubmitEvent} event
   */
  async #hold(event) {
    const unfinished = [...this.#items].some((item) => !item.token);
    if (!unfinished) return;
    event.preventDefault();
    const { submitter } = event;
    if (this.#running) await new Promise((resolve) => this.#idle.push(() => resolve(undefined)));
    if ([...this.#items].every((item) => item.token)) this.input.form?.requestSubmit(submitter);
    else this.say(text.unfinished);
  }

  /** @param {string} message */
  say(message) {
    this.status.textContent = message;
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} detail
   */
  tell(type, detail) {
    this.element.dispatchEvent(new CustomEvent(`direct-upload:${type}`, { bubbles: true, detail }));
  }
}
