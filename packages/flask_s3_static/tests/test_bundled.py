"""Which names hold a hash already: those of Vite, webpack and esbuild, and none of people's."""

import json

import pytest
from static_site import Site

from flask_s3_static import ManifestError
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
        "main-LY9x9re4.js",
        "main-PM5CK2BE.js",
        "LY9x9re4",
        ".deadbee1",
        "",
    ],
)
def test_names_of_people_hold_none(path: str) -> None:
    """Words, versions, dates, sizes and ids are no hashes; nor is one name in base64 alone."""
    assert names_with_hash([path]) == set()


BRANDS = ["logo-YouTubeX.svg", "p-iPhone15.png", "report-Q4Sales2.pdf", "x-2xRetina.png"]
SERIES = ["show-S01E02HD.mp4", "show-S01E03HD.mp4", "show-S02E01HD.mp4"]


@pytest.mark.parametrize(
    "paths",
    [
        BRANDS,
        [*BRANDS, "logo-MyBrand1.png", "icon-WhatsApp.svg", "app-20240101.js", "app.css"],
        SERIES,
        ["deck-B2BSALES.pdf", "deck-B2BSALES.png"],
        [*BRANDS, *WEBPACK[:5]],
        [*VITE[:2], *BRANDS],
    ],
)
def test_names_of_people_hold_none_in_a_folder(paths: list[str]) -> None:
    """A folder full of names in camel case, or of a series, is no bundler's; nor is a mixed one."""
    people = {path for path in paths if path not in (*VITE, *WEBPACK)}
    assert not names_with_hash(paths) & people
    assert not names_with_hash(f"assets/{path.rpartition('/')[2]}" for path in paths) & {
        f"assets/{path}" for path in people
    }


def test_all_names_of_a_folder_that_end_in_eight_characters() -> None:
    """Where most hashes could be read, it is enough that all names end like one and two cannot."""
    readable = ["back-PXWIKIJG.png", "a-STANDARD.js", "b-SUMMER24.css", "c-7ABCDEFG.js"]
    assert names_with_hash([*ESBUILD[:2], *readable]) == {*ESBUILD[:2], *readable}
    assert names_with_hash([*ESBUILD[:2], *readable, "a.js"]) == set()
    assert names_with_hash([*ESBUILD[:1], *readable]) == set()
    assert names_with_hash(readable) == set()


def test_a_word_is_none_among_hashes() -> None:
    """In a bundler's folder what is a word of eight letters still is a word."""
    assert names_with_hash([*VITE, "assets/page-settings.js", "assets/page-Settings.js"]) == set(
        VITE
    )


def test_a_manifest_decides_about_names_that_prove_nothing() -> None:
    """What Vite's manifest has holds a hash if its name has the form of one; so does its map."""
    built = {"assets/main-LY9x9re4.js", "assets/p-iPhone15.png", "assets/page.js"}
    plain = ["assets/a.js", "assets/b.js", "assets/page.js", "assets/logo-YouTubeX.svg"]
    hashed = ["assets/main-LY9x9re4.js", "assets/main-LY9x9re4.js.map", "assets/p-iPhone15.png"]
    assert names_with_hash([*plain, *hashed], built) == set(hashed)
    assert names_with_hash([*plain, *hashed]) == set()


@pytest.mark.parametrize(
    ("certain", "path"),
    [
        (ESBUILD[:2], "back-PXWIKIJG.png"),
        (VITE[:3], "assets/lazy-BZFLJuie.js"),
        (WEBPACK[:3], "main.12345678.css"),
    ],
)
def test_a_hash_that_can_be_read(certain: list[str], path: str) -> None:
    """What looks like a word is a hash where most names of the folder hold one."""
    assert names_with_hash([path]) == set()
    assert names_with_hash([*certain, path]) == {*certain, path}
    folder = path.rpartition("/")[0]
    plain = [f"{folder}/{number}.js".lstrip("/") for number in range(4)]
    assert path not in names_with_hash([*certain, path, *plain])
    assert names_with_hash([*certain, f"{folder}/other/{path}"]) == set(certain)


@pytest.mark.parametrize("hashed_names", [False, True])
def test_a_name_that_holds_a_hash_is_immutable(site: Site, hashed_names: bool) -> None:
    """It is stored once, under its own name, and browsers keep it for a year."""
    site.write("static/assets/main-LY9x9re4.js", "1")
    site.write("static/assets/lazy-DtFeYo_o.css", "2")
    site.write("static/logo-YouTubeX.svg", "3")
    report = site.push(config={"FLASKS3_HASHED_NAMES": hashed_names})
    app = site.app(FLASKS3_HASHED_NAMES=hashed_names)
    assert len(site.keys()) == 3 + hashed_names
    assert report.hashed_already == [
        "static/assets/lazy-DtFeYo_o.css",
        "static/assets/main-LY9x9re4.js",
    ]
    for key in report.hashed_already:
        assert site.head(key)["CacheControl"] == IMMUTABLE
    assert "CacheControl" not in site.head("static/logo-YouTubeX.svg")
    assert site.url(app, "assets/main-LY9x9re4.js").endswith("/static/assets/main-LY9x9re4.js")


@pytest.mark.parametrize("folder", ["", "dist"])
def test_vite_s_manifest_is_read(site: Site, folder: str) -> None:
    """One file alone is immutable if Vite's manifest has it, in the folder that is set."""
    root = f"static/{folder}" if folder else "static"
    chunk = {"file": "main-LY9x9re4.js", "css": ["a/m-MdHwEzj1.css"], "assets": ["i-CxfkAqmV.png"]}
    site.config["FLASKS3_VITE_FOLDER"] = folder
    site.write(f"{root}/.vite/manifest.json", json.dumps({"main.js": chunk}))
    built = ["a/m-MdHwEzj1.css", "i-CxfkAqmV.png", "main-LY9x9re4.js"]
    for name in (*built, "logo-YouTubeX.svg", "a.css", "b.css"):
        site.write(f"{root}/{name}", name)
    assert site.push().hashed_already == [f"{root}/{name}" for name in built]


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"a": {"css": []}}', '{"a": 1}', '{"a": {"file": 1}}', "[" * 100_000],
)
def test_a_damaged_manifest_of_vite_s_ends_the_push(site: Site, content: str) -> None:
    """A manifest that cannot be read is an error that says what to do."""
    site.write("static/.vite/manifest.json", content)
    site.write("static/main-LY9x9re4.js", "1")
    with pytest.raises(ManifestError, match="run `vite build` again"):
        site.push()


def test_the_setting_goes_over_the_form(site: Site) -> None:
    """FLASKS3_HASHED_ALREADY says by URL paths which names hold a hash, and no others do."""
    site.write("static/main-LY9x9re4.js", "1")
    site.write("static/lazy-DtFeYo_o.css", "1")
    site.write("static/build/app_1234.js", "2")
    config = {"FLASKS3_HASHED_ALREADY": r"^/static/build/\w+_\d+\."}
    report = site.push(config=config, dry_run=True)
    assert report.hashed_already == ["static/build/app_1234.js"]
    site.push(config=config)
    assert "CacheControl" not in site.head("static/main-LY9x9re4.js")
    assert site.head("static/build/app_1234.js")["CacheControl"] == IMMUTABLE


def test_a_change_under_a_hash_is_a_warning(site: Site) -> None:
    """Other bytes under a name that seems to hold a hash are reported; the same ones are not."""
    path = site.write("static/main-LY9x9re4.js", "1")
    site.write("static/lazy-DtFeYo_o.css", "2")
    site.push()
    assert site.push(force=True).warnings == []
    path.write_text("2")
    (warning,) = site.push().warnings
    assert warning.startswith(f"{path} is another than it was")
    assert "FLASKS3_HASHED_ALREADY" in warning
