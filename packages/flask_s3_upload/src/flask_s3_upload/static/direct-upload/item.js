// @ts-check
/** One file of an element. */

import { UploadError } from "./attempts.js";
import { DirectUpload } from "./upload.js";
import { text } from "./words.js";

/** One file of a box: a list item with progress and buttons. */
export class Item {
  #removed = false;

  /**
   * @param {import("./box.js").Box} box
   * @param {File | null} file
   * @param {HTMLInputElement | null} token of a file that was sent before the page was shown again
   */
  constructor(box, file, token) {
    this.box = box;
    this.file = file;
    this.token = token;
    this.name = file?.name ?? token?.dataset.filename ?? "";
    this.upload = file && new DirectUpload(file, {
      url: box.element.dataset.url ?? "",
      purpose: box.element.dataset.purpose,
      onprogress: (loaded, total) => this.#progress(loaded, total),
    });
    this.element = document.createElement("li");
    const label = this.element.appendChild(document.createElement("span"));
    label.textContent = this.name;
    this.progress = this.element.appendChild(document.createElement("progress"));
    this.progress.setAttribute("aria-label", text.progress(this.name));
    this.progress.max = 1;
    this.problem = this.element.appendChild(document.createElement("span"));
    this.problem.className = "direct-upload-problem";
    this.again = this.#button("↻", text.retry(this.name), () => this.#retry());
    this.away = this.#button("×", text.cancel(this.name), () => this.#dismiss());
    this.again.hidden = true;
    if (token) this.#done(token);
  }

  async send() {
    if (!this.upload || this.#removed) return;
    this.box.tell("start", { file: this.file });
    try {
      const token = document.createElement("input");
      token.type = "hidden";
      token.name = this.box.name;
      token.value = await this.upload.send();
      this.#done(token);
      this.box.say(text.done(this.name));
      this.box.tell("done", { file: this.file, token: token.value });
    } catch (error) {
      if (this.#removed) return;
      const why = error instanceof Error ? error.message : String(error);
      this.again.hidden = error instanceof UploadError && error.final;
      this.progress.hidden = true;
      this.problem.textContent = why; // the status tells it once, here it stays
      this.element.classList.add("is-failed");
      this.box.say(text.failed(this.name, why));
      this.box.tell("error", { file: this.file, error });
    }
  }

  remove() {
    this.#removed = true;
    this.element.remove();
    this.box.forget(this);
    this.upload?.cancel().catch(() => {}); // what stays is pruned
    this.box.tell("cancel", { file: this.file });
  }

  /** @param {HTMLInputElement} token */
  #done(token) {
    this.token = token;
    this.element.append(token);
    this.progress.value = 1;
    this.element.classList.add("is-done");
    this.away.setAttribute("aria-label", text.remove(this.name));
  }

  #retry() {
    this.again.hidden = true;
    this.progress.hidden = false;
    this.problem.textContent = "";
    this.element.classList.remove("is-failed");
    this.away.focus();
    this.box.queue(this);
  }

  #dismiss() {
    this.remove();
    this.box.say(text.cancelled(this.name));
    this.box.input.focus(); // the button that had it is gone
  }

  /**
   * @param {number} loaded
   * @param {number} total
   */
  #progress(loaded, total) {
    this.progress.value = total ? loaded / total : 1;
    this.box.tell("progress", { file: this.file, loaded, total });
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
