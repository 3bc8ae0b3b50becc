// @ts-check
/**
 * How the element looks in a page that has no styles for it.
 *
 * Each rule has the specificity of one element name: a page's rule that names a class overrides it,
 * and a page's reset of plain elements does not. Text and borders have the page's colour, bars its
 * `accent-color`; the colour of a failure fits its `color-scheme`. A constructed sheet needs no
 * `style-src` of a Content-Security-Policy.
 *
 * What the page cannot override: of the file input only its button is shown. The text next to it is
 * the browser's own, and says that no file is chosen while the list below has some. No selector
 * reaches that text, so it has no size, and the button has that of the element's text. Padding and
 * width, as of Bootstrap's inputs, would leave a gap where it was.
 */

const FONT_SIZE = "--direct-upload-font-size";

const CSS_TEXT = `
div:where(.direct-upload) {
  ${FONT_SIZE}: ${register() ? "1em" : "1rem"};
  border: 1px dashed color-mix(in srgb, currentColor 40%, transparent);
  border-radius: 0.5rem;
  padding: 0.75rem;
}
div:where(.direct-upload.is-over) {
  outline: 2px solid Highlight;
  outline-offset: -1px;
  background: color-mix(in srgb, Highlight 10%, transparent);
}
input:where(.direct-upload-input) { max-width: 100%; vertical-align: middle; }
.direct-upload-input {
  display: inline-block !important;
  width: auto !important;
  padding: 0 !important;
  background-image: none !important;
  font-size: 0 !important;
}
.direct-upload-input::file-selector-button {
  margin: 0 !important;
  font-size: var(${FONT_SIZE}) !important;
}
span:where(.direct-upload-hint) { display: inline-block; font-size: 0.875em; }
ul:where(.direct-upload-files) { list-style: none; margin: 0; padding: 0; }
li:where(.direct-upload-files > li) {
  display: grid;
  grid-template-columns: auto 1fr auto auto;
  align-items: center;
  margin: 0.5rem 0 0;
  padding: 0;
}
canvas:where(.direct-upload-preview) {
  grid-area: 1 / 1 / span 2;
  width: 3rem;
  height: 3rem;
  margin-inline-end: 0.75rem;
  border-radius: 0.25rem;
}
span:where(.direct-upload-name) { grid-area: 1 / 2; overflow-wrap: anywhere; }
progress:where(.direct-upload-files progress) { grid-area: 2 / 2; width: 100%; height: 0.5rem; }
span:where(.direct-upload-problem) {
  grid-area: 2 / 2;
  color: #b3261e;
  color: light-dark(#b3261e, #f2b8b5);
}
button:where(.direct-upload-button) {
  grid-area: 1 / 4 / span 2;
  min-width: 2rem;
  min-height: 2rem;
  margin-inline-start: 0.5rem;
  border: 1px solid color-mix(in srgb, currentColor 40%, transparent);
  border-radius: 0.25rem;
  padding: 0;
  background: none;
  color: inherit;
  font: inherit;
  line-height: 1;
  cursor: pointer;
}
button:where(.direct-upload-button:first-of-type) { grid-column: 3; }
p:where(.direct-upload-status) { margin: 0.5rem 0 0; font-size: 0.875em; overflow-wrap: anywhere; }
p:where(.direct-upload-status:empty) { margin: 0; }
ul:where(.stored-file-field > ul) { overflow-wrap: anywhere; }
@media (hover: hover) {
  button:where(.direct-upload-button:hover) {
    background: color-mix(in srgb, currentColor 10%, transparent);
  }
}
@media (forced-colors: active) {
  div:where(.direct-upload) { border-color: CanvasText; }
  button:where(.direct-upload-button) { border-color: ButtonBorder; }
  span:where(.direct-upload-problem) { color: CanvasText; font-weight: bold; }
}
@media (prefers-reduced-motion: no-preference) {
  div:where(.direct-upload) { transition: background-color 150ms; }
}
`;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/**
 * Declare the property as a length: `1em` is then that of the element which it is set on, and not
 * that of the input, which is 0. Return whether the browser can.
 */
function register() {
  try {
    const isLength = { syntax: "<length>", inherits: true, initialValue: "16px" };
    CSS.registerProperty({ name: FONT_SIZE, ...isLength });
    return true;
  } catch (error) {
    // Another copy of this module, of another store, has done so already.
    return error instanceof DOMException && error.name === "InvalidModificationError";
  }
}

/**
 * Style the document, or the shadow root, that an element is in.
 *
 * @param {HTMLElement} element
 */
export function addStyles(element) {
  const root = element.getRootNode();
  const { adoptedStyleSheets } = root instanceof ShadowRoot ? root : document;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS_TEXT);
  }
  if (!adoptedStyleSheets.includes(sheet)) adoptedStyleSheets.push(sheet);
}
