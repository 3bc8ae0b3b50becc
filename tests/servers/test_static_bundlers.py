"""flask_s3_static and real builds of Vite, webpack and esbuild, as Chromium loads them."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from flask_s3_static import create_all
from flask_s3_static.pushing._bundled import names_with_hash
from s3_saver import S3Storage
from s3_saver.testing import S3Server
from servers.static_npm import Page, allow_origins, make_app, npm, serve_page
from servers.webdriver import Browser

pytestmark = pytest.mark.servers

TOOLS = ["vite@7", "webpack@5", "webpack-cli@6", "css-loader@7", "mini-css-extract-plugin@2"]

SOURCES = {
    "main.js": """
import "./main.css";
import logo from "./logo.png";
import { shared } from "./shared.js";
const image = new Image();
image.onload = () => import("./lazy.js").then(({ text }) => (window.done = text + shared()));
image.src = logo;
document.body.append(image);
""",
    "lazy.js": """
import "./lazy.css";
import { shared } from "./shared.js";
export const text = "lazy" + shared();
""",
    "shared.js": "let calls = 0; export const shared = () => ++calls;",
    "other.js": 'import { shared } from "./shared.js"; window.other = shared();',
    "main.css": 'body { background: url("./back.png") }',
    "lazy.css": "p { color: red }",
}
# What esbuild gives for a picture is relative to the script.
SOURCES["module.js"] = SOURCES["main.js"].replace("= logo", "= new URL(logo, import.meta.url)")
# Two pictures of one pixel, which no bundler inlines in a stylesheet, as configured.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)

VITE = """export default {
  base: "./",
  build: {
    manifest: true,
    outDir: "static/dist",
    assetsInlineLimit: 0,
    sourcemap: true,
    rollupOptions: { input: ["src/main.js", "src/other.js"] },
  },
};
"""
WEBPACK = """const Css = require("mini-css-extract-plugin");
module.exports = {
  mode: "production",
  devtool: "source-map",
  entry: "./src/main.js",
  output: { path: __dirname + "/static", filename: "[name].[contenthash].js", publicPath: "auto" },
  module: {
    rules: [
      { test: /\\.css$/, use: [Css.loader, "css-loader"] },
      { test: /\\.png$/, type: "asset/resource" },
    ],
  },
  plugins: [new Css({ filename: "[name].[contenthash:12].css" })],
};
"""
ESBUILD = [
    *("src/module.js", "src/other.js", "--bundle", "--splitting", "--format=esm", "--minify"),
    *("--outdir=static", "--entry-names=[name]-[hash]", "--loader:.png=file", "--sourcemap"),
]


@pytest.fixture
def page() -> Iterator[Page]:
    with serve_page() as page:
        yield page


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sources and the three bundlers, of which esbuild comes with Vite."""
    folder = tmp_path_factory.mktemp("bundlers")
    (folder / "src").mkdir()
    for name, text in SOURCES.items():
        (folder / "src" / name).write_text(text)
    for name in ("logo.png", "back.png"):
        (folder / "src" / name).write_bytes(PIXEL + name.encode())
    npm(folder, *TOOLS)
    (folder / "vite.config.mjs").write_text(VITE)
    (folder / "webpack.config.cjs").write_text(WEBPACK)
    return folder


def built(project: Path, tool: str, *arguments: str) -> list[str]:
    """Build into an empty static folder; return the URL paths of what is there then."""
    static = project / "static"
    if static.exists():
        static.rename(project / f"static of the one before {tool}")
    subprocess.run([project / "node_modules/.bin" / tool, *arguments], cwd=project, check=True)
    files = (path for path in static.rglob("*") if path.is_file() and ".vite" not in path.parts)
    return sorted(f"static/{path.relative_to(static).as_posix()}" for path in files)


def loaded(browser: Browser, page: Page, tags: str) -> tuple[object, set[str]]:
    """Open a page with these tags; return what the entry has worked out, and what was asked for."""
    page.html = f'<!doctype html><link rel="icon" href="data:,"><body>{tags}</body>'
    browser.open(page.url)
    done = browser.until("document.readyState === 'complete' && window.done")
    asked = browser.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    return done, set(asked)


@pytest.fixture
def app(project: Path, storage: S3Storage, s3_server: S3Server) -> Flask:
    allow_origins(storage)
    return make_app(project, storage.bucket_name, s3_server, FLASKS3_VITE_FOLDER="dist")


def push(app: Flask, paths: list[str], storage: S3Storage) -> None:
    """Push, and make sure that each file is there once, under the name that the bundler gave it."""
    assert names_with_hash(paths) == set(paths)
    report = create_all(app, strict=True, write_public_policy=True)
    assert sorted(report.new) == paths
    for path in paths:
        head = storage.client.head_object(Bucket=storage.bucket_name, Key=path)
        assert "immutable" in head["CacheControl"]


def urls(app: Flask, paths: list[str], pattern: str) -> set[str]:
    with app.test_request_context():
        found = [path.removeprefix("static/") for path in paths if re.search(pattern, path)]
        return {app.url_for("static", filename=name) for name in found}


def test_vite(browser: Browser, page: Page, project: Path, app: Flask, storage: S3Storage) -> None:
    """What Vite has built is pushed as it is; vite_asset's tags load all of it, each file once."""
    paths = built(project, "vite", "build")
    push(app, paths, storage)
    with app.test_request_context():
        tags = render_template_string("{{ vite_asset('src/main.js') }}")
    done, asked = loaded(browser, page, tags)
    assert done == "lazy12"
    assert asked == urls(app, paths, r"/(main|lazy|shared|logo|back)-[^/]*\.(js|css|png)$")
    manifest = json.loads((project / "static/dist/.vite/manifest.json").read_text())
    main, shared = (manifest[key]["file"] for key in ("src/main.js", next(iter(manifest))))
    assert shared.startswith("assets/shared-")
    assert tags.count("integrity=") == 3
    assert [name in tags for name in (main, shared)] == [True, True]


def test_webpack(
    browser: Browser, page: Page, project: Path, app: Flask, storage: S3Storage
) -> None:
    """What webpack has built is pushed as it is, and its chunks are found."""
    paths = built(project, "webpack")
    push(app, paths, storage)
    (script,) = urls(app, paths, r"/main\.[^/]*\.js$")
    (style,) = urls(app, paths, r"/main\.[^/]*\.css$")
    tags = f'<link rel="stylesheet" href="{style}" crossorigin><script src="{script}"></script>'
    done, asked = loaded(browser, page, tags)
    assert done == "lazy12"
    assert asked == urls(app, paths, r"\.(js|css|png)$")


def test_esbuild(
    browser: Browser, page: Page, project: Path, app: Flask, storage: S3Storage
) -> None:
    """What esbuild has built is pushed as it is, and its chunks are found."""
    paths = built(project, "esbuild", *ESBUILD)
    push(app, paths, storage)
    (script,) = urls(app, paths, r"/module-[^/]*\.js$")
    (style,) = urls(app, paths, r"/module-[^/]*\.css$")
    tags = f'<link rel="stylesheet" href="{style}" crossorigin>'
    tags += f'<script type="module" src="{script}"></script>'
    done, asked = loaded(browser, page, tags)
    assert done == "lazy12"
    assert {script, style} < asked
    assert asked <= urls(app, paths, r"\.(js|css|png)$")
