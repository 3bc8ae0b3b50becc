"""What strangers send: clean names, content types by the bytes, rules, and pictures with limits."""

from ._browser import is_active, is_active_name, is_shown_inline, response_headers
from ._families import canonical_type, extensions_of, fits_name, name_for, types_of_name
from ._names import clean_filename, extension_of, hidden_extension, runs_on_server
from ._ready_made import AUDIO, DOCUMENTS, PICTURES, TEXT, VIDEO
from ._rules import UNKNOWN_TYPE, CheckedFile, Rules
from ._sniff import possible_types, sniff_content_type
from ._streams import measure
from ._text import is_utf8
from ._words import human_size
from .exceptions import (
    ArgumentError,
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
    "AUDIO",
    "DOCUMENTS",
    "PICTURES",
    "TEXT",
    "UNKNOWN_TYPE",
    "VIDEO",
    "ArgumentError",
    "BrokenPictureError",
    "CheckedFile",
    "MissingLibraryError",
    "PictureError",
    "PictureTooLargeError",
    "RejectedError",
    "Rules",
    "TooLargeError",
    "WrongDimensionsError",
    "WrongExtensionError",
    "WrongTypeError",
    "canonical_type",
    "clean_filename",
    "extension_of",
    "extensions_of",
    "fits_name",
    "hidden_extension",
    "human_size",
    "is_active",
    "is_active_name",
    "is_shown_inline",
    "is_utf8",
    "measure",
    "name_for",
    "possible_types",
    "response_headers",
    "runs_on_server",
    "sniff_content_type",
    "types_of_name",
]
