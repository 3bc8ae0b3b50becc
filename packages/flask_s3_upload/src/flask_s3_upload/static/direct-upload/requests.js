// @ts-check
/** Requests: questions to the app, and bytes to where they are stored. */

import { UploadError } from "./attempts.js";
import { text } from "./words.js";

/**
 * @typedef {{ method: string, url: string, fields?: Record<string, string>,
 *   headers?: Record<string, string> }} Way how to send bytes: a form's fields, or a PUT's headers
 */

/**
 * Ask the app one of the protocol's questions.
 *
 * @param {string} url of the question
 * @param {Record<string, unknown>} body
 * @param {AbortSignal | null} signal
 * @returns {Promise<any>}
 */
export async function ask(url, body, signal) {
  let response;
  try {
    response = await fetch(absolute(url), {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new UploadError(text.unreachable, 0);
  }
  // What is no JSON may be a login's page, or a proxy's.
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw new UploadError(answer?.error || text.unexpected(response.status), response.status);
}

/**
 * Send bytes. XMLHttpRequest, because fetch reports no progress of an upload.
 *
 * @param {Way} way
 * @param {Blob} bytes
 * @param {AbortSignal} signal
 * @param {(loaded: number) => void} onprogress
 * @returns {Promise<void>}
 */
export function transfer({ method, url, fields, headers }, bytes, signal, onprogress) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(method, absolute(url));
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
 * Return an absolute URL. The browser's own would have the name and password of a page that was
 * opened as https://name:password@host/, which fetch refuses; it sends them without that.
 *
 * @param {string} url
 */
function absolute(url) {
  const base = new URL(document.baseURI);
  base.username = base.password = "";
  return new URL(url, base).href;
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

/** Flask-WTF's token, from where its documentation puts it; empty without Flask-WTF. */
function csrfToken() {
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=csrf-token]"));
  const input = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name=csrf_token]"));
  return meta?.content ?? input?.value ?? "";
}
