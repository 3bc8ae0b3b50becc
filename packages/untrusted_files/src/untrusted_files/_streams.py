"""Checks of streams that callers pass."""

import io
import os
from typing import IO

from .exceptions import ArgumentError


def check_stream(file: IO[bytes]) -> None:
    """
    :raises ArgumentError: it is no open binary stream, or it cannot be read or rewound.
    """
    try:
        # Only what is read shows whether it is text: frameworks wrap streams in their own classes.
        is_right = file.seekable() and not isinstance(file.read(0), str)
    except (AttributeError, TypeError, io.UnsupportedOperation):
        is_right = False
    except ValueError:  # it is closed
        is_right = False
    if not is_right:
        raise ArgumentError("file", file, "an open binary stream that can be rewound")


def measure(file: IO[bytes]) -> int:
    """Return a stream's size in bytes; it is left at its start.

    :raises ArgumentError: it is no open binary stream that can be rewound.
    """
    check_stream(file)
    size = seek_end(file)
    file.seek(0)
    return size


def seek_end(file: IO[bytes]) -> int:
    """Go to the end of a stream, and return its size: the seek() of some returns nothing."""
    file.seek(0, os.SEEK_END)
    return file.tell()
