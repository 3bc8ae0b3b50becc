/**
 * Lets people pick the focal point of a picture by mouse, touch and keyboard. Without it the two
 * numbers can be typed.
 */

/** @param {HTMLElement} box */
function takeOver(box) {
  const url = box.dataset.focalPoint;
  const [x, y] = ["x", "y"].map((axis) => box.querySelector(`[data-focus="${axis}"]`));
  if (!url || !x || !y || box.dataset.focalPointReady) return;
  box.dataset.focalPointReady = "on";

  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", box.dataset.label ?? "");
  Object.assign(button.style, {
    position: "relative", display: "block", padding: "0", border: "0", cursor: "crosshair",
  });
  const image = document.createElement("img");
  image.alt = "";
  Object.assign(image.style, { maxWidth: "400px", maxHeight: "400px", display: "block" });
  const mark = document.createElement("span");
  Object.assign(mark.style, {
    position: "absolute", width: "16px", height: "16px", margin: "-8px 0 0 -8px",
    borderRadius: "50%", border: "2px solid white", boxShadow: "0 0 0 2px black",
    pointerEvents: "none",
  });
  button.append(image, mark);

  const show = () => {
    mark.hidden = x.value === "" || y.value === "";
    mark.style.left = `${x.value}%`;
    mark.style.top = `${y.value}%`;
  };
  /** @param {number} left @param {number} top */
  const set = (left, top) => {
    for (const [input, value] of [[x, left], [y, top]]) {
      input.value = String(Math.round(Math.min(100, Math.max(0, value)) * 10) / 10);
    }
    x.dispatchEvent(new Event("change", { bubbles: true }));
    show();
  };

  button.addEventListener("click", (event) => {
    if (event.detail === 0) return; // by the keyboard, which has the arrows
    const area = image.getBoundingClientRect();
    set(
      ((event.clientX - area.left) / area.width) * 100,
      ((event.clientY - area.top) / area.height) * 100,
    );
  });
  button.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const moves = {
      ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
    };
    const [left, top] = moves[event.key] ?? [0, 0];
    if (left || top) {
      event.preventDefault();
      set(Number(x.value || 50) + left, Number(y.value || 50) + top);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      x.value = y.value = "";
      show();
    }
  });
  for (const input of [x, y]) input.addEventListener("input", show);
  const load = () => (image.src ||= url);
  if (box.open) load();
  box.addEventListener("toggle", load);
  box.querySelector("fieldset").append(button);
  show();
}

for (const box of document.querySelectorAll("[data-focal-point]")) takeOver(box);

// Rows of inline models are added later.
new MutationObserver(() => {
  for (const box of document.querySelectorAll("[data-focal-point]")) takeOver(box);
}).observe(document.body, { childList: true, subtree: true });
