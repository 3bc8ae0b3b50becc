"""Arguments of a wrong type or form, reported by their names where they come in."""

import os
from typing import Any


def check_type(argument: str, value: object, kind: type | tuple[type, ...], wanted: str) -> None:
    """Raise TypeError unless *value* is of a *kind*."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{argument} must be {wanted}, got {value!r}")


def check_callable(argument: str, value: object, wanted: str) -> None:
    """Raise TypeError unless *value* can be called."""
    if not callable(value):
        raise TypeError(f"{argument} must be {wanted}, got {value!r}")


def check_to(to: object) -> None:
    check_type("to", to, str, "a str: a folder such as 'avatars/', or a whole name")


def check_purpose(purpose: object) -> None:
    check_type("purpose", purpose, str, "a str such as 'avatar'")


def check_file(file: Any) -> None:
    """Raise unless *file* is a binary stream that can be rewound."""
    if not all(hasattr(file, name) for name in ("read", "seek", "seekable")):
        fix = ""
        if file is None:
            fix = (
                ": does the form have enctype='multipart/form-data', and an input of type 'file'"
                " and of the name that you look for?"
            )
        elif isinstance(file, bytes | bytearray | memoryview):
            fix = ": wrap the bytes in io.BytesIO(…)"
        elif isinstance(file, str | os.PathLike):
            fix = ": open it by open(…, 'rb')"
        found = "None" if file is None else type(file).__name__
        raise TypeError(
            f"file must be a file as request.files has it, or a binary stream, got {found}{fix}"
        )
    if getattr(file, "closed", False):
        raise ValueError(f"file must be open, got {file!r}, which is closed")
    if not file.seekable():
        raise ValueError(
            f"file must be a stream that can be rewound, got {file!r}: read it into a"
            " tempfile.TemporaryFile() first"
        )
    if isinstance(file.read(0), str):
        raise TypeError(
            f"file must be binary, got {file!r}, which returns text: open it in mode 'rb', or wrap"
            " its bytes in io.BytesIO(…)"
        )


def id_of_user(user: object) -> str:
    """Return the id of a user as text.

    :raises TypeError: *user* is not an id but an object without a stable string form.
    """
    kind = type(user)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        raise TypeError(f"user must be the id of a user, such as current_user.id, got {user!r}")
    return f"user:{user}"
