// @ts-check
/**
 * Return a name for use inside a sentence. One that has letters which are written from right to left
 * is isolated from what follows, whose order it would change.
 *
 * @param {string} name
 */
export function isolated(name) {
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/.test(name) ? `\u2068${name}\u2069` : name;
}

/** What the page says. A module that imports this one can change it, to translate it. */
export const text = {
  drop: "or drop files here",
  listed: "1 file is listed below.",
  listedAll: (/** @type {number} */ count) => `${count} files are listed below.`,
  added: (/** @type {string} */ name) => `${name} was added.`,
  addedAll: (/** @type {number} */ count) => `${count} files were added.`,
  cancel: (/** @type {string} */ name) => `Cancel ${name}`,
  retry: (/** @type {string} */ name) => `Try ${name} again`,
  remove: (/** @type {string} */ name) => `Remove ${name}`,
  progress: (/** @type {string} */ name) => `Progress of ${name}`,
  done: (/** @type {string} */ name) => `${name} is uploaded.`,
  doneAll: (/** @type {number} */ count) => `${count} files are uploaded.`,
  failed: (/** @type {string} */ name, /** @type {string} */ why) => `${name}: ${why}`,
  cancelled: (/** @type {string} */ name) => `${name} was removed.`,
  unreachable: "The upload was interrupted: try again.",
  refused: (/** @type {string} */ code) => `The upload was refused (${code}): reload the page and try again.`,
  unexpected: (/** @type {number} */ status) =>
    `The server gave no answer that this page understands (${status}): reload the page.`,
  unfinished: "Some files were not uploaded: try again, or remove them.",
  refusedMeanwhile: "Some files were refused. Send the form once more to go on without them.",
  folder: "Folders cannot be uploaded: choose the files in it.",
  unreadable: "This file cannot be read any more: it was changed, moved or deleted. Choose it again.",
  interrupted: (/** @type {string[]} */ names) =>
    `Not finished before this page was loaded again: ${names.join(", ")}. Choose again to go on.`,
};
