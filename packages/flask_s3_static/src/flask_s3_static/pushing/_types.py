"""The content type and encoding of a static file, as Flask itself would send it."""

import posixpath
from functools import cache
from typing import NamedTuple

from s3_saver import guess_content_type

# What is packed already: compressing it again costs time and gains nothing.
_PACKED = ("video/", "audio/", "image/", "font/woff", "application/gzip", "application/zip")
_UNPACKED = {"image/svg+xml", "image/bmp", "image/vnd.microsoft.icon"}

# Extensions of what browsers unpack as they load it.
_ENCODINGS = {".gz": "gzip", ".br": "br"}
_SHORT = {".svgz": (".svg", "gzip")}
# What is downloaded to be kept stays packed: an archive, and what nobody knows.
_KEPT = {"application/octet-stream", "application/x-tar"}


class Kind(NamedTuple):
    """What is known of a file by its name.

    :param content_type: with the charset that Flask gives text.
    :param encoding: the Content-Encoding that the bytes on disk have; may be empty.
    """

    content_type: str
    encoding: str


def kind_of(path: str) -> Kind:
    """Return the content type and encoding for a file's name."""
    stem, extension = posixpath.splitext(path.lower())
    inner, encoding = posixpath.splitext(stem)[1], _ENCODINGS.get(extension, "")
    if extension in _SHORT:
        inner, encoding = _SHORT[extension]
    if encoding and (content_type := _by_extension(inner)) not in _KEPT:
        return Kind(content_type, encoding)
    return Kind(_by_extension(extension), "")


def is_packed(content_type: str) -> bool:
    return content_type.startswith(_PACKED) and content_type not in _UNPACKED


@cache
def _by_extension(extension: str) -> str:
    content_type = guess_content_type(f"file{extension}")
    return f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
