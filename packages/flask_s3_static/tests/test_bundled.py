"""Which names hold a hash already: those of Vite, webpack and esbuild, and none of people's."""

import pytest
from static_site import Site

from flask_s3_static.pushing._bundled import names_with_hash

IMMUTABLE = "public, max-age=31536000, immutable"

VITE = [
    "assets/main-LY9x9re4.js",
    "assets/main-LY9x9re4.js.map",
    "assets/lazy-DtFeYo_o.css",
    "assets/logo-CxfkAqmV.png",
    "assets/back-BPbaslt6.png",
    "assets/codeMirrorModule-DNqxPF-E.js",
    "assets/settings-BQT9Z6FV.js",
    "assets/rolldown-runtime-QTnfLwEv.js",
    "assets/index-C_gcIYdA.js",
    "assets/index-legacy-D7nHvEZP.js",
]
WEBPACK = [
    "main.670e45becb18e197a73e.js",
    "main.670e45becb18e197a73e.js.map",
    "main.670e45becb18e197a73e.js.LICENSE.txt",
    "main.34280c69.css",
    "850.cfa708b0.css",
    "787.28cb0dcd.chunk.js",
    "2153c3d1a9d12131a534.png",
    "static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg",
    "polyfills.0f4b92a5b0e6c4c9.js",
]
ESBUILD = [
    "main-PM5CK2BE.js",
    "main-VO63BUB5.css",
    "chunk-2NEA2OCT.js",
    "lazy-3JUVYI4D.js.map",
]
OTHERS = [
    "css/app.55e7cbb9ba48.css",
    "searchindex-a4b633b3.js",
    "app.3f2a86d0c1b94e75.js",
]


@pytest.mark.parametrize("paths", [VITE, WEBPACK, ESBUILD, OTHERS])
def test_names_of_bundlers_hold_a_hash(paths: list[str]) -> None:
    """What Vite, webpack, esbuild and others have written is recognised."""
    assert names_with_hash(paths) == set(paths)


@pytest.mark.parametrize(
    "path",
    [
        "app.css",
        "jquery-3.7.1.min.js",
        "bootstrap-5.3.9.css",
        "js/user-settings.js",
        "js/page-DarkMode.js",
        "js/page-Settings.js",
        "js/page-en-US-v2.js",
        "fonts/inter-latin-400-normal.woff2",
        "fonts/Inter-SemiBold.woff2",
        "icons/icon-16x16-2x.png",
        "img/flyer-SUMMER24.pdf",
        "img/flyer-20240131.pdf",
        "img/logo-STANDARD.svg",
        "img/logo-STRENGTH.svg",
        "report.20240131.css",
        "report-2024-01-31.css",
        "img/photo-12345678.jpg",
        "theme-decade80.css",
        "facade.deadbeef.js",
        "1a2b3c4d.png",
        "users/550e8400-e29b-41d4-a716-44665544000a.png",
        "assets-LY9x9re4/main.js",
        "LY9x9re4",
        ".deadbee1",
        "",
    ],
)
def test_names_of_people_hold_none(path: str) -> None:
    """Words, versions, dates, sizes and ids are no hashes."""
    assert names_with_hash([path]) == set()


@pytest.mark.parametrize(
    ("certain", "path"),
    [
        (ESBUILD[:2], "back-PXWIKIJG.png"),
        (VITE[:3], "assets/lazy-BZFLJuie.js"),
        (VITE[:3], "assets/lazy-abcdefgh.js"),
        (WEBPACK[:3], "main.12345678.css"),
    ],
)
def test_a_hash_that_can_be_read(certain: list[str], path: str) -> None:
    """What looks like a word is a hash where most names of the folder hold one beyond doubt."""
    assert names_with_hash([path]) == set()
    assert names_with_hash([*certain, path]) == {*certain, path}
    folder = path.rpartition("/")[0]
    plain = [f"{folder}/{number}.js".lstrip("/") for number in range(3)]
    assert names_with_hash([*certain, path, *plain]) == set(certain)
    assert names_with_hash([*certain, f"{folder}/other/{path}"]) == set(certain)


@pytest.mark.parametrize("hashed_names", [False, True])
def test_a_name_that_holds_a_hash_is_immutable(site: Site, hashed_names: bool) -> None:
    """It is stored once, under its own name, and browsers keep it for a year."""
    site.write("static/main-LY9x9re4.js", "1")
    site.write("static/page-settings.js", "2")
    app = site.app(FLASKS3_HASHED_NAMES=hashed_names)
    site.push(config={"FLASKS3_HASHED_NAMES": hashed_names})
    app = site.app(FLASKS3_HASHED_NAMES=hashed_names)
    assert len(site.keys()) == 2 + hashed_names
    assert site.head("static/main-LY9x9re4.js")["CacheControl"] == IMMUTABLE
    assert "CacheControl" not in site.head("static/page-settings.js")
    assert site.url(app, "main-LY9x9re4.js").endswith("/static/main-LY9x9re4.js")


def test_the_setting_goes_over_the_form(site: Site) -> None:
    """FLASKS3_HASHED_ALREADY says by URL paths which names hold a hash, and no others do."""
    site.write("static/main-LY9x9re4.js", "1")
    site.write("static/build/app_1234.js", "2")
    site.push(config={"FLASKS3_HASHED_ALREADY": r"^/static/build/\w+_\d+\."})
    assert "CacheControl" not in site.head("static/main-LY9x9re4.js")
    assert site.head("static/build/app_1234.js")["CacheControl"] == IMMUTABLE


def test_a_change_under_a_hash_is_a_warning(site: Site) -> None:
    """Other bytes under a name that seems to hold a hash are reported; the same ones are not."""
    path = site.write("static/main-LY9x9re4.js", "1")
    site.push()
    assert site.push(force=True).warnings == []
    path.write_text("2")
    (warning,) = site.push().warnings
    assert warning.startswith(f"{path} is another than it was")
    assert "FLASKS3_HASHED_ALREADY" in warning
