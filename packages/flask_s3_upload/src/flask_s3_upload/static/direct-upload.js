// @ts-check
/**
 * Files straight from the browser to where they are stored: S3, or the app's own disk.
 *
 * Importing this module takes over every element with `data-direct-upload`: choosing and dropping
 * files, previews, progress, cancel, retry, and the tokens that the form carries. README.md lists
 * the attributes, the events, and the classes that show the state of each file.
 * `DirectUpload` alone sends one file, for your own user interface.
 *
 * @module
 */

import { Box } from "./direct-upload/box.js";
// All others are imported here, too, so that the browser asks for them at the same time.
import "./direct-upload/files.js";
import "./direct-upload/form.js";
import "./direct-upload/item.js";
import "./direct-upload/memory.js";
import "./direct-upload/preview.js";
import "./direct-upload/requests.js";
import "./direct-upload/styles.js";
import "./direct-upload/turns.js";

export { UploadError } from "./direct-upload/attempts.js";
export { DirectUpload } from "./direct-upload/upload.js";
export { text } from "./direct-upload/words.js";

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
    try {
      enhance(/** @type {HTMLElement} */ (element));
    } catch (error) {
      reportError(error); // the others work all the same
    }
  }
});
