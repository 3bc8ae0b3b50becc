"""Content types by name."""

import mimetypes

import pytest

from s3_saver import guess_content_type

OFFICE = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("app.js", "text/javascript"),
        ("app.mjs", "text/javascript"),
        ("a/b/STYLE.CSS", "text/css"),
        ("logo.svg", "image/svg+xml"),
        ("font.woff2", "font/woff2"),
        ("photo.webp", "image/webp"),
        ("photo.avif", "image/avif"),
        ("photo.JPG", "image/jpeg"),
        ("lib.wasm", "application/wasm"),
        ("data.json", "application/json"),
        ("app.js.map", "application/json"),
        ("report.docx.pdf", "application/pdf"),
        ("movie.avi", "video/vnd.avi"),
        ("movie.mkv", "video/matroska"),
        ("movie.mov", "video/quicktime"),
        ("letter.docx", f"{OFFICE}.wordprocessingml.document"),
        ("table.xlsx", f"{OFFICE}.spreadsheetml.sheet"),
        ("letter.odt", "application/vnd.oasis.opendocument.text"),
        ("book.epub", "application/epub+zip"),
        ("photo.jfif", "image/jpeg"),
        ("photo.pjp", "image/jpeg"),
        ("moving.apng", "image/png"),
        ("burst.heics", "image/heic-sequence"),
        ("moving.avifs", "image/avif"),
        ("phone.3gp", "video/3gpp"),
        ("phone.3g2", "video/3gpp2"),
        ("stream.ts", "video/mp2t"),
        ("voice.amr", "audio/amr"),
        ("date.ics", "text/calendar"),
        ("who.vcf", "text/vcard"),
        ("map.geojson", "application/geo+json"),
        ("track.gpx", "application/gpx+xml"),
        ("page.xhtml", "application/xhtml+xml"),
        ("news.atom", "application/atom+xml"),
        ("news.rss", "application/rss+xml"),
        ("linked.jsonld", "application/ld+json"),
        ("settings.toml", "application/toml"),
        ("dump.sql", "application/sql"),
        ("letter.docm", "application/vnd.ms-word.document.macroEnabled.12"),
        ("table.xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12"),
        ("layers.psd", "image/vnd.adobe.photoshop"),
        ("backup.tar.zst", "application/zstd"),
        ("README.rst", "text/x-rst"),
        ("compose.yaml", "application/yaml"),
        ("no-extension", "application/octet-stream"),
        ("js", "application/octet-stream"),
        ("dir.css/file", "application/octet-stream"),
        ("file.unheard-of", "application/octet-stream"),
        (".css", "text/css"),
        ("http://x/a.png", "image/png"),
    ],
)
def test_types_come_with_the_package(name: str, content_type: str) -> None:
    """The web's types are found by the extension, whatever its case."""
    assert guess_content_type(name) == content_type


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("backup.tar.gz", "application/gzip"),
        ("data.csv.gz", "application/gzip"),
        ("data.csv.bz2", "application/x-bzip2"),
        ("data.json.xz", "application/x-xz"),
        ("image.svgz", "application/gzip"),
        ("page.html.br", "application/octet-stream"),
    ],
)
def test_compressed_files_are_typed_by_their_wrapping(name: str, content_type: str) -> None:
    """A guessed Content-Encoding corrupts .gz files: they are what they are."""
    assert guess_content_type(name) == content_type


def test_types_do_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a system's mime.types or another library has registered changes nothing."""
    mimetypes.init()
    monkeypatch.setitem(mimetypes.types_map, ".js", "application/x-machine")
    monkeypatch.setitem(mimetypes.types_map, ".unheard-of", "application/x-machine")
    assert guess_content_type("a.js") == "text/javascript"
    assert guess_content_type("a.unheard-of") == "application/octet-stream"
