"""The tags of what Vite has built, and of its development server."""

import json
import re
from typing import Any

import pytest
from flask import Flask, render_template_string
from static_site import Site

from flask_s3_static import ManifestError, vite_asset

# As Vite 7 writes it, with an entry that shares two chunks with others and a stylesheet alone.
MANIFEST: dict[str, Any] = {
    "_shared-pw7RZ7Br.js": {"file": "assets/shared-pw7RZ7Br.js", "imports": ["_deep-C1PEr0Uk.js"]},
    "_deep-C1PEr0Uk.js": {
        "file": "assets/deep-C1PEr0Uk.js",
        "imports": ["_shared-pw7RZ7Br.js"],
        "css": ["assets/deep-BwOPSdeb.css"],
    },
    "src/lazy.js": {
        "file": "assets/lazy-D7nHvEZP.js",
        "isDynamicEntry": True,
        "css": ["assets/lazy-DtFeYo_o.css"],
    },
    "src/main.js": {
        "file": "assets/main-LY9x9re4.js",
        "isEntry": True,
        "imports": ["_shared-pw7RZ7Br.js"],
        "dynamicImports": ["src/lazy.js"],
        "css": ["assets/main-MdHwEzj1.css"],
        "assets": ["assets/logo-CxfkAqmV.png"],
    },
    "src/print.scss": {"file": "assets/print-QTnfLwEv.css", "isEntry": True},
}

DEEP = "[" * 100_000  # more than Python's parser can be nested


@pytest.fixture
def built(site: Site) -> Site:
    """A site with what Vite has built into static/dist."""
    site.config["FLASKS3_VITE_FOLDER"] = "dist"
    site.write("static/dist/.vite/manifest.json", json.dumps(MANIFEST))
    for chunk in MANIFEST.values():
        for name in (chunk["file"], *chunk.get("css", ())):
            site.write(f"static/dist/{name}", name)
    return site


def tags(app: Flask, name: str = "src/main.js") -> list[str]:
    with app.test_request_context():
        return render_template_string("{{ vite_asset(name) }}", name=name).splitlines()


def test_an_entry_has_styles_script_and_preloads(built: Site) -> None:
    """Stylesheets of all that the entry imports, its script, a preload for each import; all in the
    bucket, with their hashes."""
    built.push()
    found = tags(built.app())
    base = re.escape(f"{built.config['FLASKS3_ENDPOINT_URL']}/{built.bucket}/static/dist/assets/")
    kinds = [
        rf'<link rel="stylesheet" href="{base}main-MdHwEzj1.css" INTEGRITY>',
        rf'<link rel="stylesheet" href="{base}deep-BwOPSdeb.css" INTEGRITY>',
        rf'<script type="module" src="{base}main-LY9x9re4.js" INTEGRITY></script>',
        rf'<link rel="modulepreload" href="{base}shared-pw7RZ7Br.js" INTEGRITY>',
        rf'<link rel="modulepreload" href="{base}deep-C1PEr0Uk.js" INTEGRITY>',
    ]
    integrity = r'integrity="sha256-[\w+/]{43}=" crossorigin="anonymous"'
    assert len(found) == len(kinds)
    for tag, kind in zip(found, kinds, strict=True):
        assert re.fullmatch(kind.replace("INTEGRITY", integrity), tag)


def test_an_entry_may_be_a_stylesheet(built: Site) -> None:
    """A stylesheet that is an entry of its own is linked, and nothing else."""
    (tag,) = tags(built.app(FLASKS3_ACTIVE=False), "src/print.scss")
    assert tag.startswith('<link rel="stylesheet" href="/static/dist/assets/print-QTnfLwEv.css" ')


def test_without_a_bucket_tags_lead_to_the_app(built: Site) -> None:
    """The same tags with the app's own URLs, and a manifest that changes counts at once."""
    app = built.app(FLASKS3_ACTIVE=False)
    assert 'src="/static/dist/assets/main-LY9x9re4.js"' in tags(app)[2]
    entry = {"file": "assets/other.js", "isEntry": True}
    built.write("static/dist/assets/other.js", "1")
    built.write("static/dist/.vite/manifest.json", json.dumps({"src/main.js": entry}))
    (tag,) = tags(app)
    assert 'src="/static/dist/assets/other.js"' in tag


def test_vite_s_server_in_debug_mode(built: Site) -> None:
    """In debug mode the tags lead to the development server; elsewhere the setting does nothing."""
    app = built.app(FLASKS3_VITE_SERVER_URL="http://localhost:5173/", FLASKS3_ACTIVE=False)
    assert len(tags(app)) == 5
    app.debug = True
    client = '<script type="module" src="http://localhost:5173/@vite/client"></script>'
    assert tags(app) == [
        client,
        '<script type="module" src="http://localhost:5173/src/main.js"></script>',
    ]
    assert tags(app, "src/print.scss") == [
        client,
        '<link rel="stylesheet" href="http://localhost:5173/src/print.scss">',
    ]


def test_an_unknown_entry(built: Site) -> None:
    """A name that is no entry is an error that lists those there are."""
    with (
        built.app().test_request_context(),
        pytest.raises(FileNotFoundError, match=r"it has src/main.js, src/print.scss; name it"),
    ):
        vite_asset("src/lazy.js")


def test_a_missing_file_of_an_entry(built: Site) -> None:
    """A file that the manifest names and that is not there is an error that names it."""
    (built.folder / "static/dist/assets/deep-C1PEr0Uk.js").unlink()
    with (
        built.app().test_request_context(),
        pytest.raises(FileNotFoundError, match=r"dist/assets/deep-C1PEr0Uk\.js"),
    ):
        vite_asset("src/main.js")


@pytest.mark.parametrize(
    "content", [None, "{", "[]", '{"src/main.js": 1}', '{"a": {}, "b": []}', DEEP]
)
def test_a_manifest_that_is_none(built: Site, content: str | None) -> None:
    """A manifest that is missing or damaged is an error with what to do."""
    path = built.folder / "static/dist/.vite/manifest.json"
    path.unlink() if content is None else path.write_text(content)
    wanted = "FLASKS3_VITE_FOLDER" if content is None else "run `vite build` again"
    with built.app().test_request_context(), pytest.raises(ManifestError, match=wanted):
        vite_asset("src/main.js")


def test_names_are_escaped(built: Site) -> None:
    """A name from a template ends no attribute."""
    app = built.app(FLASKS3_VITE_SERVER_URL="http://localhost:5173", FLASKS3_ACTIVE=False)
    app.debug = True
    assert "<b>" not in tags(app, '"><b>.js')[1]
