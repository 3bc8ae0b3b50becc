"""What strangers send: clean names, content types by the bytes, rules, and pictures with limits."""

from ._names import clean_filename, extension_of, hidden_extension, runs_on_server
from .exceptions import (
    BrokenPictureError,
    MissingLibraryError,
    PictureError,
    PictureTooLargeError,
    RejectedError,
    TooLargeError,
    WrongDimensionsError,
    WrongExtensionError,
    WrongTypeError,
)

__all__ = [
    "BrokenPictureError",
    "MissingLibraryError",
    "PictureError",
    "PictureTooLargeError",
    "RejectedError",
    "TooLargeError",
    "WrongDimensionsError",
    "WrongExtensionError",
    "WrongTypeError",
    "clean_filename",
    "extension_of",
    "hidden_extension",
    "runs_on_server",
]
