"""One name, one type: s3_saver by the name and untrusted_files by the bytes."""

import pytest

from s3_saver import guess_content_type
from untrusted_files import canonical_type, extensions_of, fits_name
from untrusted_files._families import known_types, type_of_name
from untrusted_files._table import EXTENSIONS

NAMES = [
    (f"file.{extension}", content_type)
    for content_type, extensions in EXTENSIONS.items()
    for extension in extensions.split()
]


@pytest.mark.parametrize(("name", "content_type"), NAMES)
def test_type_by_name(name: str, content_type: str) -> None:
    """An extension stands for the same type in both packages."""
    assert guess_content_type(name) == content_type == type_of_name(name)


@pytest.mark.parametrize(("name", "content_type"), NAMES)
def test_guessed_type_fits_its_name(name: str, content_type: str) -> None:
    """What a file is stored as by its name may bear this name, and has one spelling only."""
    guessed = guess_content_type(name)
    assert canonical_type(guessed) == guessed
    assert fits_name(guessed, name)


@pytest.mark.parametrize("content_type", sorted(known_types()))
def test_usual_name(content_type: str) -> None:
    """By the usual name of a type, its bytes are stored under a type of their family."""
    guessed = guess_content_type(f"file.{extensions_of(content_type)[0]}")
    assert fits_name(guessed, f"file.{extensions_of(content_type)[0]}")
    assert fits_name(content_type, f"file.{extensions_of(guessed)[0]}")
