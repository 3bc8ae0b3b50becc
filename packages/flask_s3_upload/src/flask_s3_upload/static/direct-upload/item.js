// @ts-check
/** One file of an element: a list item with progress and buttons. */

import { UploadError } from "./attempts.js";
import { showPreview } from "./preview.js";
import { DirectUpload } from "./upload.js";
import { isolated, text } from "./words.js";

/**
 * @typedef {object} Owner what an item needs of its box
 * @property {string} name
 * @property {string} url
 * @property {string} [purpose]
 * @property {HTMLInputElement} input
 * @property {(item: Item) => void} queue
 * @property {(item: Item) => void} forget
 * @property {() => void} settle
 * @property {(message: string) => void} report
 * @property {(name: string) => void} reportDone
 * @property {(type: string, detail: Record<string, unknown>) => void} dispatch
 */

export class Item {
  /** @type {"busy" | "done" | "failed" | "refused" | "removed"} */ state = "busy";

  /**
   * @param {Owner} box
   * @param {File | null} file
   * @param {HTMLInputElement | null} token of a file that was sent before the page was shown again
   */
  constructor(box, file, token) {
    this.box = box;
    this.file = file;
    this.name = file?.name ?? token?.dataset.filename ?? "";
    this.upload = file && new DirectUpload(file, {
      url: box.url,
      purpose: box.purpose,
      onprogress: (loaded, total) => this.#progress(loaded, total),
    });
    this.element = document.createElement("li");
    if (file) showPreview(file, this.element);
    // Of itself the name reads from left to right, or from right to left.
    const name = this.#span("direct-upload-name").appendChild(document.createElement("bdi"));
    name.textContent = this.name;
    this.progress = this.element.appendChild(document.createElement("progress"));
    this.progress.setAttribute("aria-label", text.progress(this.name));
    this.progress.max = 1;
    this.progress.value = 0;
    this.problem = this.#span("direct-upload-problem");
    this.again = this.#button("↻", text.retry(this.name), () => this.#retry());
    this.away = this.#button("×", text.cancel(this.name), () => this.#dismiss());
    this.again.hidden = true;
    if (token) this.#done(token);
  }

  /** Ask whether the file may be sent; then it waits for its turn. */
  async begin() {
    this.box.dispatch("start", { file: this.file });
    try {
      await this.upload?.prepare();
      this.box.queue(this);
    } catch (error) {
      this.#fail(error);
    }
  }

  async send() {
    if (!this.upload || this.state === "removed") return;
    try {
      const token = document.createElement("input");
      token.type = "hidden";
      token.name = this.box.name;
      token.value = await this.upload.send();
      this.#done(token);
      this.box.reportDone(this.name);
      this.box.dispatch("done", { file: this.file, token: token.value });
    } catch (error) {
      this.#fail(error);
    }
  }

  remove() {
    this.#become("removed");
    this.element.remove();
    this.box.forget(this);
    this.upload?.cancel().catch(() => {}); // what stays is pruned
    this.box.dispatch("cancel", { file: this.file });
  }

  /** @param {HTMLInputElement} token */
  #done(token) {
    this.element.append(token);
    this.progress.value = 1;
    this.away.setAttribute("aria-label", text.remove(this.name));
    this.#become("done");
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.state === "removed") return;
    const why = error instanceof Error ? error.message : String(error);
    const isFinal = error instanceof UploadError && error.final;
    this.again.hidden = isFinal;
    this.progress.hidden = true;
    this.problem.textContent = why; // the status says it once, here it stays
    if (isFinal) this.away.setAttribute("aria-label", text.remove(this.name));
    this.#become(isFinal ? "refused" : "failed");
    this.box.report(text.failed(isolated(this.name), why));
    this.box.dispatch("error", { file: this.file, error });
  }

  /** @param {Item["state"]} state */
  #become(state) {
    this.state = state;
    this.element.classList.toggle("is-done", state === "done");
    this.element.classList.toggle("is-failed", state === "failed" || state === "refused");
    this.element.classList.toggle("is-refused", state === "refused");
    this.box.settle();
  }

  #retry() {
    this.again.hidden = true;
    this.progress.hidden = false;
    this.problem.textContent = "";
    this.#become("busy");
    this.away.focus();
    this.begin();
  }

  #dismiss() {
    this.remove();
    this.box.report(text.cancelled(isolated(this.name)));
    this.box.input.focus(); // the button that had it is gone
  }

  /**
   * @param {number} loaded
   * @param {number} total
   */
  #progress(loaded, total) {
    this.progress.value = total ? loaded / total : 1;
    this.box.dispatch("progress", { file: this.file, loaded, total });
  }

  /** @param {string} name */
  #span(name) {
    const span = this.element.appendChild(document.createElement("span"));
    span.className = name;
    return span;
  }

  /**
   * @param {string} sign
   * @param {string} label
   * @param {() => void} action
   */
  #button(sign, label, action) {
    const button = this.element.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "direct-upload-button";
    button.textContent = sign;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", action);
    return button;
  }
}
