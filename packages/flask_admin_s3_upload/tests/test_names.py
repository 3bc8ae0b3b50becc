"""Names of uploads: how they are cleaned, and by which a file might be run."""

import mimetypes
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.utils import secure_filename

from flask_admin_s3_upload import namegen_filename
from flask_admin_s3_upload.fields.checking._names import unsafe_extensions


def named(filename: str | None) -> str:
    """The name that an upload gets by default."""
    upload: Any = SimpleNamespace(filename=filename)
    return namegen_filename(None, upload)


@pytest.mark.parametrize(
    "name", ["a.txt", "My cat (1).PNG", "..\\passwd", "a b  c.tar.gz", ".htaccess", "a_.txt"]
)
def test_ascii_names_become_what_flask_admin_makes_of_them(name: str) -> None:
    """By Werkzeug's secure_filename, which only folders come through."""
    assert named(name) == secure_filename(name)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("C:\\temp\\日本.txt", "日本.txt"),
        ("../../etc/passwd", "passwd"),
        ("日本.ТХТ", "日本.ТХТ"),
        ("...", "file"),
        ("", "file"),
        (None, "file"),
        ("e\u0301.txt", "é.txt"),
        ("日本\u202etxt.exe", "日本txt.exe"),
        ("日本\x00.txt", "日本.txt"),
        ("हिन्दी.pdf", "हिन्दी.pdf"),
    ],
)
def test_other_names_keep_their_letters(name: str | None, clean: str) -> None:
    """Composed, without folders, controls, symbols and marks of direction."""
    assert named(name) == clean


def test_names_that_differ_by_a_mark_stay_different() -> None:
    """A vowel sign of an Indic script is a part of the name like any letter."""
    names = [f"क{vowel}.pdf" for vowel in "िुेो"]

    assert [named(name) for name in names] == names


@pytest.mark.parametrize("name", ["a" * 300 + ".txt", "日" * 300 + ".txt", "🎉" * 300 + "é.txt"])
def test_long_names_are_shortened(name: str) -> None:
    """They fit into a file system with room for a suffix, and end in their extension."""
    clean = named(name)

    assert len(clean.encode()) <= 200
    assert clean.endswith(".txt")


@pytest.mark.parametrize(
    ("name", "extensions"),
    [
        ("evil.html", ["html"]),
        ("thingy/evil.HTML", ["html"]),
        ("evil.html.", ["html"]),
        (".html", ["html"]),
        ("evil.xhtml", ["xhtml"]),
        ("evil.svg", ["svg"]),
        ("evil.html.gz", ["html"]),
        ("evil.html.xyz", ["html"]),
        ("evil.html.xyz.en", ["html"]),
        ("evil.php", ["php"]),
        ("evil.php.png", ["php"]),
        ("evil.php.html", ["php", "html"]),
        ("evil.PhTmL.png", ["phtml"]),
        ("日本.php.png", ["php"]),
        ("evil.shtml", ["shtml"]),
        ("thingy/Web.config", ["config"]),
    ],
)
def test_an_extension_that_might_be_run_is_found(name: str, extensions: list[str]) -> None:
    """By a web server wherever it stands, by a browser where it decides on the type."""
    assert unsafe_extensions(name) == extensions


@pytest.mark.parametrize(
    "name",
    [
        *("php.png", "evil.png", "a.phpx.png", "README", "v1.2", "html", "report.es.pdf"),
        *("archive.tar.gz", "jquery.min.js", "page.html.png", "data.xml.csv", "page.html/a.png"),
        "app.config",
    ],
)
def test_a_harmless_name_is_harmless(name: str) -> None:
    """What stands before an extension that servers know does not count for a browser."""
    assert unsafe_extensions(name) == []


@pytest.fixture
def system_table() -> Iterator[None]:
    """A mime.types of the system that has a page by a name of its own."""
    mimetypes.init(files=[])
    mimetypes.add_type("application/xhtml+xml", ".homepage")
    yield
    mimetypes.init()


@pytest.mark.usefixtures("system_table")
def test_the_system_s_own_table_counts() -> None:
    """Flask's static route goes by it."""
    assert unsafe_extensions("evil.homepage") == ["homepage"]
