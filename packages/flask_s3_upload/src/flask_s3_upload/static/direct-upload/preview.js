// @ts-check
/**
 * Small previews of chosen pictures. They are drawn, so that a Content-Security-Policy need not
 * allow `blob:` URLs, and no picture stays in memory in full.
 */

const SIDE = 96; // pixels: twice what styles.js shows, for dense screens
const MOST = 50_000_000; // bytes

/** One after the other: each takes as much memory as the picture has pixels. */
let drawing = Promise.resolve();

/**
 * Put a preview before what an element has, if the file is a picture that the browser knows.
 *
 * @param {File} file
 * @param {HTMLElement} element
 */
export function showPreview(file, element) {
  if (!file.type.startsWith("image/") || file.size > MOST) return;
  drawing = drawing.then(() => draw(file, element)).catch(() => {}); // then there is none
}

/**
 * @param {File} file
 * @param {HTMLElement} element
 */
async function draw(file, element) {
  const picture = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  canvas.className = "direct-upload-preview";
  canvas.setAttribute("aria-hidden", "true"); // the name stands next to it
  canvas.width = canvas.height = SIDE;
  const side = Math.min(picture.width, picture.height);
  const [x, y] = [(picture.width - side) / 2, (picture.height - side) / 2];
  const context = canvas.getContext("2d");
  if (context) context.imageSmoothingQuality = "high";
  context?.drawImage(picture, x, y, side, side, 0, 0, SIDE, SIDE);
  picture.close();
  element.prepend(canvas);
}
