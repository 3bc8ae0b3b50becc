// @ts-check
/**
 * How the element looks in a page that has no styles for it.
 *
 * Each rule has the specificity of one element name: a page's rule that names a class overrides it,
 * and a page's reset of plain elements does not. Text and borders have the page's colour, bars its
 * `accent-color`; the colour of a failure fits its `color-scheme`. A constructed sheet needs no
 * `style-src` of a Content-Security-Policy.
 */

const CSS_TEXT = `
div:where(.direct-upload) {
  border: 1px dashed color-mix(in srgb, currentColor 40%, transparent);
  border-radius: 0.5rem;
  padding: 0.75rem;
}
div:where(.direct-upload.is-over) {
  outline: 2px solid Highlight;
  outline-offset: -1px;
  background: color-mix(in srgb, Highlight 10%, transparent);
}
input:where(.direct-upload > input) { max-width: 100%; }
span:where(.direct-upload-hint) { font-size: 0.875em; }
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
p:where(.direct-upload-status) { margin: 0.5rem 0 0; font-size: 0.875em; }
p:where(.direct-upload-status:empty) { margin: 0; }
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
