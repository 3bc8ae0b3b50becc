"""What a field refuses: names by which a file might be run, and content that does not fit."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel  # type: ignore[import-untyped]
from pictures import picture
from werkzeug.datastructures import FileStorage
from wtforms import Form

from flask_admin_s3_upload import (
    S3FileUploadField,
    S3ImageUploadField,
    S3MultipleFileUploadField,
    S3MultipleImageUploadField,
)

SCRIPT = b"<!doctype html><script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture(scope="module", autouse=True)
def app() -> Iterator[Flask]:
    """An app whose language the messages are in."""
    app = Flask("site")
    Babel(app)
    with app.test_request_context():
        yield app


def refusals(field_class: Any, name: str, content: bytes, **options: Any) -> list[str]:
    """What a field of a form for a new object says of an upload."""

    class ThingForm(Form):
        file = field_class(base_path="/nowhere", **options)

    form: Any = ThingForm()
    upload = FileStorage(io.BytesIO(content), name)
    form.file.data = [upload] if form.file.many else upload
    form.validate()
    return list(form.file.errors)


# What cleaning removes from the end of a name.
ENDINGS = [
    *(".", "..", " ", "\t", "\xa0", "_", ";", ":", "?", "!", "/", " .", "._", "\0", "~"),
    *("\u200b", "\u202e", "\u3000", "🎉"),
]
HIDDEN = [f"evil.{extension}{end}" for extension in ("html", "svg", "xht") for end in ENDINGS]
INSIDE = ["evil.ht\xadml", "evil.ht\u200bml", "evil.s\0vg", "evil.ht!ml"]
TYPES = [
    *("html", "htm", "xhtml", "xht", "xhtm", "shtml", "stm", "mht", "mhtml", "svg", "svgz", "xml"),
    *("xsl", "xslt", "xsd", "rdf", "rss", "atom", "wsdl", "xpdl", "kml", "gpx", "mathml", "dae"),
    *("xul", "xbl", "hta", "htc", "swf"),
]
PROGRAMS = [
    *("php", "php3", "php5", "PHP", "phtml", "pht", "phar", "phps", "jsp", "jspx", "asp", "aspx"),
    *("cfm", "cgi", "pl", "py"),
]


@pytest.mark.parametrize(
    "name",
    [
        *HIDDEN,
        *INSIDE,
        *(f"evil.{extension}" for extension in (*TYPES, *PROGRAMS)),
        *(f"evil.{extension}." for extension in PROGRAMS),
        *("evil.php.png", "evil.html.xyz", "evil.html.en", "evil.html.gz", "evil.svg.br"),
        *("C:\\evil.html", "日本.html", "evil.html.xyz."),
    ],
)
def test_a_name_by_which_a_file_might_be_run_is_refused(name: str) -> None:
    """By the name that would be stored, whatever was sent: HTML, XML, and what servers run."""
    (refusal,) = refusals(S3FileUploadField, name, SCRIPT)

    assert refusal.startswith("Files with .")
    assert refusal.endswith(" in their name are not accepted here.")


@pytest.mark.parametrize(
    "name", ["evil.ｈｔｍｌ", "evil．html", "evil.h tml", "evil", "evil.", "evil.xyz"]
)
@pytest.mark.parametrize(
    "content", [SCRIPT, SVG, b"<?xml version='1.0'?><a/>", SCRIPT.decode().encode("utf-16")]
)
def test_markup_without_an_extension_of_its_own_is_refused(name: str, content: bytes) -> None:
    """Where a server sends no type with a file, a browser finds out by its bytes."""
    (refusal,) = refusals(S3FileUploadField, name, content)

    assert refusal == "HTML, SVG and XML files are not accepted here."
    assert refusals(S3FileUploadField, name, b"\0\1 no markup") == []


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("page.html", ["html"]),
        ("page.HTML.", ["HTML"]),
        ("cat.svg", ["svg", "png"]),
        ("feed.xml", ["xml"]),
        ("page.html.gz", ["html", "gz"]),
        ("page.html.xyz", ["html", "xyz"]),
        ("index.php", ["php"]),
        ("cat.php.png", ["php", "png"]),
        ("page.xyz", ["xyz", "html"]),
    ],
)
def test_what_is_allowed_by_name_passes(name: str, allowed: list[str]) -> None:
    """Each extension that counts has to be listed."""
    plain = name.rstrip(".").lower()
    content = {"gz": b"\x1f\x8b\x08" + bytes(20), "png": picture()}
    given = content.get(plain.rpartition(".")[2], SCRIPT)

    assert refusals(S3FileUploadField, name, given, allowed_extensions=allowed) == []


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("page.html.gz", ["gz"]),
        ("page.html.xyz", ["xyz"]),
        ("cat.php.png", ["png"]),
        ("page.svgz", ["svgz", "svg"]),
    ],
)
def test_only_the_last_extension_allowed_is_not_enough(name: str, allowed: list[str]) -> None:
    """What is hidden needs its own permission; what is packed, that of its own name."""
    given = picture() if name.endswith("png") else b"\x1f\x8b\x08" + bytes(20)
    found = refusals(S3FileUploadField, name, given, allowed_extensions=allowed)

    assert bool(found) == (name != "page.svgz")


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_the_refusal_of_an_extension_says_which_are_allowed(field_class: Any) -> None:
    """In Flask-Admin's own words, and then the list."""
    (refusal,) = refusals(field_class, "a.exe", b"MZ", allowed_extensions=["PNG", "jpg"])

    assert refusal == "Invalid file extension. Allowed: .png, .jpg"


def test_the_name_that_a_function_makes_is_judged_too() -> None:
    """As far as it is known: that of an object that is there already."""

    class ThingForm(Form):
        file = S3FileUploadField(
            base_path="/nowhere", namegen=lambda obj, file: f"{obj.title}.{file.filename}"
        )

    class Thing:
        title = "evil.php"
        file = None

    # Flask-Admin's forms know their object.
    form: Any = ThingForm()
    form._obj = Thing()
    form.file._form = form
    form.file.data = FileStorage(io.BytesIO(b"x"), "a.txt")
    form.validate()

    assert form.file.errors == ["Files with .php in their name are not accepted here."]


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<a/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "better"),
    [
        ("cat.png", picture("GIF"), "cat.gif"),
        ("cat.png.", picture("GIF"), "cat.gif"),
        ("table.csv", picture(), "table.png"),
        ("film.mp4", b"%PDF-1.4\n", "film.pdf"),
        ("letter.docx", packed("a.txt"), "letter.zip"),
        ("report.pdf", SCRIPT, None),
        ("report.pdf", b"", None),
        ("report.pdf", b"MZ\x90\x00" + bytes(60), None),
        ("evil.png.", SCRIPT, None),
        ("notes.txt", b"\x7fELF\x02\x01\x01" + bytes(60), None),
        ("data.zip", b"not an archive", "data.txt"),
    ],
)
def test_content_that_does_not_fit_its_name_is_refused(
    name: str, content: bytes, better: str | None
) -> None:
    """In words that say which name would fit, if that one were accepted."""
    (refusal,) = refusals(S3FileUploadField, name, content)

    if better:
        assert refusal == f"This file is not what its name says: rename it to {better}."
    else:
        assert refusal == "This file is damaged, or not what its name says: choose another one."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.pdf", b"%PDF-1.4\n..."),
        ("notes.txt", "Grüße, 日本".encode()),
        ("notes.txt", "Grüße".encode("latin-1")),
        ("wide.txt", "Grüße".encode("utf-16")),
        ("README.md", b"<p align=center>Read me</p>"),
        ("source.txt", SCRIPT),
        ("empty.txt", b""),
        ("empty", b""),
        ("data.zip", packed("a.txt")),
        ("letter.docx", packed("[Content_Types].xml", "word/document.xml")),
        ("cat.png", picture()),
        ("cat.jpe", picture("JPEG")),
        ("cat.webp", picture("WEBP")),
        ("unknown.xyz", b"\x00\x01anything"),
        ("archive.tar.gz", b"\x1f\x8b\x08" + bytes(20)),
        ("data.xml.csv", b"a,b"),
        ("page.html.png", picture()),
    ],
)
def test_a_file_that_is_what_it_says_passes(name: str, content: bytes) -> None:
    """And so does one whose extension promises nothing."""
    assert refusals(S3FileUploadField, name, content) == []


@pytest.mark.parametrize("field_class", [S3MultipleFileUploadField, S3MultipleImageUploadField])
def test_a_field_of_many_says_which_file_it_refuses(field_class: Any) -> None:
    """By the name that it has on the visitor's computer."""
    assert refusals(field_class, "My cat.png", picture(), max_bytes=10) == [
        "My cat.png: This file is 73 bytes; the limit is 10 bytes."
    ]
