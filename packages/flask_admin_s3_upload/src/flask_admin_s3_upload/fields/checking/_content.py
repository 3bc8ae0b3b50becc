"""What an upload's bytes are, compared with the name under which it is stored."""

from collections.abc import Iterable
from typing import IO

from s3_saver import guess_content_type
from untrusted_files import (
    canonical_type,
    extensions_of,
    fits_name,
    is_active,
    name_for,
    possible_types,
    types_of_name,
)


def is_genuine(file: IO[bytes], name: str) -> bool:
    """Return whether the bytes fit this name: yes where bytes cannot prove the type that it
    promises.
    """
    promised = canonical_type(guess_content_type(name))
    if promised not in types_of_name(name):
        return True
    return any(fits_name(one, name) for one in possible_types(file, name))


def better_name(file: IO[bytes], name: str) -> str:
    """Return the name that the bytes would need; the same one if that is not known."""
    return next((name_for(one, name) for one in possible_types(file, name)), name)


def is_hidden_markup(file: IO[bytes], name: str, allowed: Iterable[str]) -> bool:
    """Return whether the bytes are HTML, XML or the like although the name does not say so, and it
    is not allowed: a browser may find out where a server sends no type.

    In a text file, such as ``.txt`` or ``.md``, markup is text.
    """
    if types_of_name(name):
        return False
    found = [one for one in possible_types(file, name) if is_active(one)]
    return bool(found) and not set(allowed).intersection(*map(extensions_of, found))
