// @ts-check
/** One element with its files. */

import { dropped } from "./files.js";
import { watch } from "./form.js";
import { Item } from "./item.js";
import { interrupted } from "./memory.js";
import { addStyles } from "./styles.js";
import { isolated, text } from "./words.js";

const FILES_AT_ONCE = 3;
let boxes = 0;

export class Box {
  #running = 0;
  /** @type {string[]} names of which nothing was said yet */ #done = [];
  /** @type {Item[]} */ #waiting = [];
  /** @type {Set<Item>} */ #items = new Set();
  /** @type {() => void} */ #settled;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.input = fileInput(element);
    this.url = signingUrl(element);
    this.purpose = element.dataset.purpose || "file";
    this.name = element.dataset.name ?? this.input.name;
    this.required = this.input.required || "required" in element.dataset;
    this.input.removeAttribute("name"); // the form carries tokens, not files
    this.input.classList.add("direct-upload-input");
    element.classList.add("direct-upload");
    addStyles(element);
    this.list = element.appendChild(document.createElement("ul"));
    this.list.className = "direct-upload-files";
    this.list.setAttribute("role", "list"); // Safari has no list where none is seen
    const hint = document.createElement("span");
    hint.textContent = text.drop;
    hint.className = "direct-upload-hint";
    this.input.after(" ", hint);
    this.status = element.appendChild(document.createElement("p"));
    this.status.className = "direct-upload-status";
    this.status.setAttribute("role", "status");
    this.count = element.appendChild(document.createElement("span"));
    this.count.hidden = true; // it describes the input all the same
    this.count.id = `direct-upload-count-${++boxes}`;
    const describedBy = this.input.getAttribute("aria-describedby");
    this.input.setAttribute("aria-describedby", [describedBy, this.count.id].filter(Boolean).join(" "));
    this.#settled = watch(this);
    const tokens = `input[type=hidden][name="${CSS.escape(this.name)}"]`;
    for (const token of element.querySelectorAll(tokens)) {
      this.#add(new Item(this, null, /** @type {HTMLInputElement} */ (token)));
    }
    const names = interrupted(this.url, this.purpose);
    if (names.length) this.say(text.interrupted(names.map(isolated)));
    this.#listen();
  }

  get items() {
    return [...this.#items];
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
    this.element.addEventListener("drop", ({ dataTransfer }) => {
      if (dataTransfer) this.take(dropped(dataTransfer));
    });
  }

  /** @param {Iterable<File>} files */
  take(files) {
    const chosen = [...files];
    if (!this.input.multiple && chosen.length) {
      chosen.splice(0, chosen.length - 1);
      for (const item of this.#items) item.remove();
    }
    const names = chosen.map((file) => file.name);
    if (names.length) this.say(sentence(names, text.added, text.addedAll));
    for (const file of chosen) {
      const item = new Item(this, file, null);
      this.#add(item);
      item.begin();
    }
  }

  /** @param {Item} item */
  #add(item) {
    this.#items.add(item);
    this.list.append(item.element);
    this.settle();
  }

  /** @param {Item} item */
  forget(item) {
    this.#items.delete(item);
    this.#waiting = this.#waiting.filter((other) => other !== item);
    this.settle();
  }

  get #isBusy() {
    return this.items.some((item) => item.state === "busy");
  }

  /**
   * Say that a file is there; of many, when all are, as nobody listens to each.
   *
   * @param {string} name
   */
  reportDone(name) {
    this.#done.push(name);
    this.report("");
  }

  /**
   * Say what became of a file, and after the last one what is there.
   *
   * @param {string} message
   */
  report(message) {
    const names = this.#isBusy ? [] : this.#done.splice(0);
    const done = names.length ? sentence(names, text.done, text.doneAll) : "";
    if (message || done) this.say([message, done].filter(Boolean).join(" "));
  }

  /** @param {Item} item */
  async queue(item) {
    this.#waiting.push(item);
    if (this.#running === FILES_AT_ONCE) return;
    this.#running++;
    for (let next; (next = this.#waiting.shift()); ) await next.send();
    this.#running--;
  }

  /** Do what follows from the files as they are now. */
  settle() {
    const counts = this.items.some((item) => item.state !== "refused");
    this.input.required = this.required && !counts;
    // The browser's own word for what is chosen is that nothing is.
    const { size } = this.#items;
    this.count.textContent = size > 1 ? text.listedAll(size) : size ? text.listed : "";
    this.#settled();
  }

  /** @param {string} message */
  say(message) {
    this.status.textContent = message;
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} detail
   */
  dispatch(type, detail) {
    this.element.dispatchEvent(new CustomEvent(`direct-upload:${type}`, { bubbles: true, detail }));
  }
}

/**
 * @param {string[]} names
 * @param {(name: string) => string} one
 * @param {(count: number) => string} all
 */
function sentence(names, one, all) {
  return names.length === 1 ? one(isolated(names[0])) : all(names.length);
}

/** @param {HTMLElement} element */
function fileInput(element) {
  const input = /** @type {HTMLInputElement | null} */ (element.querySelector("input[type=file]"));
  if (!input) throw new TypeError('an element with data-direct-upload needs an <input type="file">');
  return input;
}

/** @param {HTMLElement} element */
function signingUrl(element) {
  const { url } = element.dataset;
  if (!url) throw new TypeError("an element with data-direct-upload needs data-url");
  return url.replace(/\/?$/, "/");
}
