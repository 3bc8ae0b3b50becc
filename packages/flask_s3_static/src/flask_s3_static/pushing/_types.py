"""The content type of a static file, as Flask itself would send it."""

import posixpath
from functools import cache

from s3_saver import guess_content_type

# What is packed already: compressing it again costs time and gives nothing.
_PACKED = ("video/", "audio/", "image/", "font/woff", "application/gzip", "application/zip")
_UNPACKED = {"image/svg+xml", "image/bmp", "image/vnd.microsoft.icon"}


def content_type_of(path: str) -> str:
    """Return the content type for a file's name, with the charset that Flask gives text."""
    return _by_extension(posixpath.splitext(path)[1].lower())


def is_packed(content_type: str) -> bool:
    return content_type.startswith(_PACKED) and content_type not in _UNPACKED


@cache
def _by_extension(extension: str) -> str:
    content_type = guess_content_type(f"file{extension}")
    return f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
