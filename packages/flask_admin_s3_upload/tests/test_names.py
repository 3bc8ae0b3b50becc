"""Names of uploads."""

from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.utils import secure_filename

from flask_admin_s3_upload import namegen_filename
from flask_admin_s3_upload._names import clean_filename, extension_of, hidden_extension


@pytest.mark.parametrize(
    "name", ["a.txt", "My cat (1).PNG", "../../etc/passwd", "a b  c.tar.gz", ".htaccess", "x/y.txt"]
)
def test_ascii_names_become_what_flask_admin_makes_of_them(name: str) -> None:
    """By Werkzeug's secure_filename."""
    assert clean_filename(name) == secure_filename(name)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("C:\\temp\\日本.txt", "日本.txt"),
        ("日本.ТХТ", "日本"),
        ("...", "file"),
        ("", "file"),
        ("é.txt", "é.txt"),
        ("e\u0301.txt", "é.txt"),
        ("日本\u202etxt.exe", "日本txt.exe"),
        ("日本\x00.txt", "日本.txt"),
    ],
)
def test_other_names_keep_their_letters(name: str, clean: str) -> None:
    """Composed, without folders, controls, symbols and marks of direction."""
    assert clean_filename(name) == clean


@pytest.mark.parametrize("name", ["a" * 300 + ".txt", "日" * 300 + ".txt", "🎉" * 300 + "é.txt"])
def test_long_names_are_shortened(name: str) -> None:
    """They fit into a file system with room for a suffix, and end in their extension."""
    clean = clean_filename(name)

    assert len(clean.encode()) <= 200
    assert clean.endswith(".txt")


def test_namegen_filename_takes_what_flask_admin_passes() -> None:
    """An object, which it does not ask, and an upload."""
    upload: Any = SimpleNamespace(filename="日本.txt")

    assert namegen_filename(None, upload) == "日本.txt"


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("evil.php.png", "php"),
        ("evil.PhTmL.png", "phtml"),
        ("a.php\0.png", "php"),
        ("日本.php.png", "php"),
        ("php.png", None),
        ("evil.png", None),
        ("a.phpx.png", None),
    ],
)
def test_hidden_extensions_are_found(name: str, hidden: str | None) -> None:
    """Anywhere before the last, in any case."""
    assert hidden_extension(name) == hidden


@pytest.mark.parametrize(
    ("name", "extension"), [("a.PNG", "png"), ("a", ""), ("a.tar.gz", "gz"), (".png", "")]
)
def test_the_extension_is_the_last(name: str, extension: str) -> None:
    """In lower case, without its dot."""
    assert extension_of(name) == extension
