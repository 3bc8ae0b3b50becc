// @ts-check
/** Files that cannot be read: folders, and what has changed on the visitor's disk. */

import { finalError } from "./attempts.js";
import { text } from "./words.js";

/** A browser lists a dropped folder as a file, whose bytes cannot be read. */
const folders = /** @type {WeakSet<Blob>} */ (new WeakSet());

/**
 * Return the files that were dropped. Which are folders is known only while the event is handled.
 *
 * @param {DataTransfer} data
 */
export function dropped(data) {
  const isFolder = [...data.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry()?.isDirectory);
  const files = [...data.files];
  files.forEach((file, index) => isFolder[index] && folders.add(file));
  return files;
}

/**
 * Throw a final error unless a file can be read. Browsers do not read a file that has changed
 * since it was chosen.
 *
 * @param {Blob} bytes
 */
export async function requireReadable(bytes) {
  if (folders.has(bytes)) throw finalError(text.folder);
  try {
    await bytes.slice(0, 1).arrayBuffer();
  } catch {
    throw finalError(text.unreadable);
  }
}
