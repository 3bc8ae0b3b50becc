"""flask_s3_static and what the npm registry has: Chromium asks for what the push has rewritten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_s3_static import create_all
from flask_s3_static.pushing._finders import finder
from s3_saver import S3Storage
from s3_saver.testing import S3Server
from servers.static_npm import Page, allow_origins, make_app, npm, serve_page
from servers.webdriver import Browser

pytestmark = pytest.mark.servers

# Packages of different kinds: icon fonts, flags by hundreds, themes with pictures, modules by
# hundreds, modules that share chunks. For each, the folders to serve and what a page loads.
ENTRIES = {
    "bootstrap@5": (["bootstrap/dist"], ["css/bootstrap.min.css"]),
    "bootstrap-icons@1": (["bootstrap-icons/font"], ["bootstrap-icons.css"]),
    "@fortawesome/fontawesome-free@7": (
        ["@fortawesome/fontawesome-free/css", "@fortawesome/fontawesome-free/webfonts"],
        ["all.css"],
    ),
    "katex@0.16": (["katex/dist"], ["katex.css", "katex.mjs"]),
    "leaflet@1": (["leaflet/dist"], ["leaflet.css", "leaflet-src.esm.js"]),
    "slick-carousel@1": (["slick-carousel/slick"], ["slick-theme.css"]),
    "jquery-ui-dist@1": (["jquery-ui-dist"], ["jquery-ui.css"]),
    "flag-icons@7": (["flag-icons"], ["css/flag-icons.css"]),
    "swiper@12": (["swiper"], ["swiper-bundle.css", "swiper-bundle.mjs"]),
    "lodash-es@4": (["lodash-es"], ["lodash.js"]),
    "uuid@11": (["uuid/dist/esm-browser"], ["index.js"]),
    "three@0.180": (["three/build"], ["three.module.js"]),
}

# What Chromium has no decoder for: it leaves these kinds of fonts out of what it has parsed.
UNREADABLE = (".eot", "slick/fonts/slick.svg")

# Chromium's own parser says what a stylesheet refers to; all of it is asked for.
PAGE = """<!doctype html><title>npm</title><link rel="icon" href="data:,"><script>
performance.setResourceTimingBufferSize(10000);
async function load(styles, modules) {
  for (const href of styles)
    await new Promise((resolve, reject) => {
      const link = document.createElement("link");
      Object.assign(link, { rel: "stylesheet", crossOrigin: "", href });
      Object.assign(link, { onload: resolve, onerror: reject });
      document.head.append(link);
    });
  const wanted = new Set();
  const walk = (sheet) => {
    for (const rule of sheet.cssRules) {
      if (rule.styleSheet) walk(rule.styleSheet);
      else
        for (const [, url] of rule.cssText.matchAll(/url\\("((?:[^"\\\\]|\\\\.)*)"\\)/g))
          if (!url.startsWith("data:") && !url.startsWith("#"))
            wanted.add(new URL(url, sheet.href).href.replace(/[?#].*/, ""));
    }
  };
  for (const sheet of document.styleSheets) walk(sheet);
  await Promise.all([...wanted].map(async (url) => (await fetch(url)).arrayBuffer()));
  for (const href of modules) await import(href);
  return performance.getEntriesByType("resource").map((entry) => entry.name);
}
const start = (styles, modules) =>
  load(styles, modules).then(
    (asked) => (window.done = { asked }),
    (error) => (window.done = { error: String(error) }),
  );
</script>"""


@pytest.fixture
def page() -> Iterator[Page]:
    with serve_page() as page:
        yield page


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app's folder, with the packages in its static folder."""
    folder = tmp_path_factory.mktemp("npm")
    npm(folder, *ENTRIES)
    for names, _ in ENTRIES.values():
        for name in names:
            (folder / "static" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "node_modules" / name).rename(folder / "static" / name)
    return folder


def reached(folder: Path, entries: list[str]) -> set[str]:
    """The URL paths of entries and of all that they refer to, as the push finds it."""
    found: set[str] = set()
    waiting = [f"static/{entry}" for entry in entries]
    while waiting:
        path = waiting.pop()
        if path in found or path.endswith(UNREADABLE):
            continue
        if (folder / path).is_file():
            found.add(path)
            if find := finder(path):
                references = find((folder / path).read_bytes(), path)
                waiting += [one.target for one in references if not one.is_map]
    return found


def test_chromium_asks_for_what_was_rewritten(
    browser: Browser,
    page: Page,
    packages: Path,
    storage: S3Storage,
    s3_server: S3Server,
) -> None:
    """For each package, all that its stylesheets and modules lead Chromium to is a hashed name, and
    is what the push has found in them."""
    app = make_app(packages, storage.bucket_name, s3_server)
    report = create_all(app, write_public_policy=True)
    assert report.manifest
    allow_origins(storage)
    page.html = PAGE
    problems = {}
    for package, (folders, names) in ENTRIES.items():
        entries = [f"{folders[0]}/{name}" for name in names]
        with app.test_request_context():
            urls = {
                app.url_for("static", filename=path.removeprefix("static/"))
                for path in reached(packages, entries)
            }
            first = [app.url_for("static", filename=entry) for entry in entries]
        browser.open(page.url)
        styles, modules = ([u for u in first if u.endswith(".css") is w] for w in (True, False))
        browser.run("start(...arguments)", styles, modules)
        done = browser.until("window.done")
        asked = set(done.get("asked", ()))
        if asked != urls:
            problems[package] = (
                done.get("error"),
                sorted(asked - urls)[:5],
                sorted(urls - asked)[:5],
            )
    assert problems == {}
