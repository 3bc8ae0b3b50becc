// @ts-check
/**
 * Files straight from the browser to where they are stored, be that S3 or the app's own disk.
 *
 * Importing this module takes over every element with `data-direct-upload`, as DirectUploadField
 * renders it: choosing and dropping files, progress, cancel, retry, and the tokens that the form
 * carries. Of these elements it makes known by `direct-upload:…` events what happens, and by
 * classes how it is with each file; README.md lists both.
 * `DirectUpload` alone sends one file, for a user interface of one's own.
 *
 * @module
 */

/**
 * @typedef {{ method: string, url: string, fields?: Record<string, string>,
 *   headers?: Record<string, string> }} Way how to send bytes: a form's fields, or a PUT's headers
 * @typedef {Way & { token: string, expires: number, uploadId?: string, partSize?: number }} Answer
 */

const ATTEMPTS = 5;
const PARTS_AT_ONCE = 3;
const FILES_AT_ONCE = 3;
const FIRST_PAUSE = 500; // milliseconds; doubled after each attempt

/** What the page says. A module that imports this one can change it, to translate it. */
export const text = {
  drop: "or drop files here",
  cancel: (/** @type {string} */ name) => `Cancel ${name}`,
  retry: (/** @type {string} */ name) => `Try ${name} again`,
  remove: (/** @type {string} */ name) => `Remove ${name}`,
  progress: (/** @type {string} */ name) => `Progress of ${name}`,
  done: (/** @type {string} */ name) => `${name} is uploaded.`,
  failed: (/** @type {string} */ name, /** @type {string} */ why) => `${name}: ${why}`,
  cancelled: (/** @type {string} */ name) => `${name} was removed.`,
  unreachable: "The upload was interrupted.",
  refused: (/** @type {string} */ code) => `The storage refused the upload (${code}).`,
  unexpected: (/** @type {number} */ status) =>
    `The server gave no answer that this page understands (${status}): reload the page.`,
  unfinished: "Some files were not uploaded: try again, or remove them.",
};

/**
 * Files are signed for one after the other: the first answer may bring the session's cookie, to
 * which the tokens of all are bound.
 *
 * @type {Promise<unknown>}
 */
let signing = Promise.resolve();

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

  /** Whether the file itself is refused: it breaks a rule, so that no other attempt can help. */
  final = false;

  /** Whether the same may work later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** Whether the signature may be at fault. */
  get refused() {
    return [400, 401, 403].includes(this.status);
  }
}

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
    const answer = /** @type {Answer} */ (await asked);
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
   * Do something again for as long as it fails in passing, and once more after a refusal.
   *
   * @param {() => Promise<unknown>} attempt asks for a new signature each time, if it needs one
   */
  async #persist(attempt) {
    let refusals = 0;
    for (let number = 1; ; number++) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (!(error instanceof UploadError) || number === ATTEMPTS) throw error;
        if (!error.passing && !(error.refused && refusals++ === 0)) throw error;
        await pause(FIRST_PAUSE * 2 ** (number - 1), this.#abort.signal);
      }
    }
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
  async #ask(question, body, signal = this.#abort.signal) {
    let response;
    try {
      response = await fetch(this.url + question, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ purpose: this.purpose, ...body }),
        signal,
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new UploadError(text.unreachable, 0);
    }
    // What is no JSON may be a login's page, or a proxy's.
    const answer = await response.json().catch(() => null);
    if (!response.ok || !answer) {
      const why = answer?.error || text.unexpected(response.status);
      const error = new UploadError(why, response.status);
      error.final = question === "sign" && response.status === 422;
      throw error;
    }
    return answer;
  }
}

/**
 * Send bytes. XMLHttpRequest, because fetch tells nothing of an upload's progress.
 *
 * @param {Way} way
 * @param {Blob} bytes
 * @param {AbortSignal} signal
 * @param {(loaded: number) => void} onprogress
 * @returns {Promise<void>}
 */
function transfer({ method, url, fields, headers }, bytes, signal, onprogress) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers ?? {})) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onprogress(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new UploadError(reason(request), request.status));
    };
    request.onerror = () => reject(new UploadError(text.unreachable, 0));
    request.onabort = () => reject(signal.reason);
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.send(method === "POST" ? form(fields ?? {}, bytes) : bytes);
  });
}

/**
 * @param {Record<string, string>} fields
 * @param {Blob} bytes
 */
function form(fields, bytes) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append("file", bytes); // S3 ignores whatever comes after it
  return data;
}

/** @param {XMLHttpRequest} request */
function reason(request) {
  try {
    return JSON.parse(request.responseText).error || text.unexpected(request.status);
  } catch {
    const [, code] = request.responseText.match(/<Code>(\w+)<\/Code>/) ?? [];
    return code ? text.refused(code) : text.unexpected(request.status);
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

/** Flask-WTF's token, from where its documentation puts it; empty without Flask-WTF. */
function csrfToken() {
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=csrf-token]"));
  const input = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name=csrf_token]"));
  return meta?.content ?? input?.value ?? "";
}

/** One element with its files. */
class Box {
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

/** One file of a box: a list item with progress and buttons. */
class Item {
  #removed = false;

  /**
   * @param {Box} box
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

/**
 * Take over an element, as importing the module does for those of the page.
 *
 * @param {HTMLElement} element
 */
export function enhance(element) {
  if (element.dataset.directUpload !== "on") {
    element.dataset.directUpload = "on";
    new Box(element);
  }
}

// As a microtask, so that a module which imports this one may change `text` before.
queueMicrotask(() => {
  for (const element of document.querySelectorAll("[data-direct-upload]")) {
    enhance(/** @type {HTMLElement} */ (element));
  }
});
