// @ts-check
/** Files as the visitor has them: on a disk, where they may change, and among folders. */

import { finalError } from "./attempts.js";
import { text } from "./words.js";

/** Browsers have a folder that is dropped as a file, whose bytes cannot be read. */
const folders = /** @type {WeakSet<Blob>} */ (new WeakSet());

/**
 * Return what was dropped. Only while the event is handled can folders be told from files.
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
 * Raise a final error unless bytes of the disk can be read, and are those that were chosen: the
 * browser refuses to read a file that has changed since.
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
