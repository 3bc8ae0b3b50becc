// Replaces what stands in for thumbnails that are being made, once they are there.
"use strict";
(() => {
  const address = document.currentScript.dataset.ready;
  const MARK = "#thumbnail=";
  const MOST = 40; // in one question
  const PAUSES = [500, 1000, 2000, 4000]; // milliseconds; then every four seconds
  const PATIENCE = 60; // questions without news, which is four minutes
  const over = new Set(); // what will not come
  let timer = null;
  let asked = 0;

  const tokenOf = (image) => {
    const url = image.getAttribute("src") ?? "";
    const at = url.indexOf(MARK);
    return at < 0 ? "" : url.slice(at + MARK.length);
  };

  const findWaiting = () => {
    const waiting = new Map();
    for (const image of document.querySelectorAll(`img[src*="${MARK}"]`)) {
      const token = tokenOf(image);
      if (!over.has(token)) waiting.set(token, [...(waiting.get(token) ?? []), image]);
    }
    return waiting;
  };

  const replace = (image, found) => {
    image.src = found.url;
    for (const side of ["width", "height"])
      if (found[side] && image.hasAttribute(side)) image.setAttribute(side, found[side]);
    image.dispatchEvent(new CustomEvent("thumbnail-ready", { bubbles: true }));
  };

  const ask = async (tokens) => {
    const query = tokens.map((token) => `of=${encodeURIComponent(token)}`).join("&");
    const answer = await fetch(`${address}?${query}`);
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  };

  const look = async () => {
    timer = null;
    const waiting = findWaiting();
    const tokens = [...waiting.keys()];
    try {
      for (let start = 0; start < tokens.length; start += MOST) {
        const some = tokens.slice(start, start + MOST);
        for (const [number, found] of (await ask(some)).entries()) {
          const token = some[number];
          if (found.url) {
            for (const image of waiting.get(token)) replace(image, found);
            asked = 0;
          } else if (found.failed) over.add(token);
        }
      }
    } catch {
      // The server may be away for a moment: it is asked again like one that has no news.
    }
    asked += 1;
    wait();
  };

  const wait = () => {
    if (timer !== null || document.hidden || asked > PATIENCE || !findWaiting().size) return;
    timer = setTimeout(look, PAUSES[Math.min(asked, PAUSES.length - 1)]);
  };

  const start = () => {
    asked = 0;
    wait();
  };

  document.addEventListener("visibilitychange", start);
  const seen = new MutationObserver((changes) => {
    if (changes.some((change) => change.addedNodes.length)) start();
  });
  seen.observe(document, { childList: true, subtree: true });
  start();
})();
