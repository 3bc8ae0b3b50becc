"""Content types by file name, the same on every machine."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mimetypes import MimeTypes

DEFAULT_CONTENT_TYPE = "application/octet-stream"

# Where the web and a system's mime.types disagree, and what Python learned only lately. Most are
# from the media types registry of IANA; text/javascript by RFC 9239, fonts by RFC 8081.
_TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "css": "text/css",
    "csv": "text/csv",
    "eot": "application/vnd.ms-fontobject",
    "flac": "audio/flac",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/vnd.microsoft.icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "jxl": "image/jxl",
    "m4a": "audio/mp4",
    "map": "application/json",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xml": "application/xml",
    "zip": "application/zip",
}

# A compressed file is typed by its wrapping, never by a guessed Content-Encoding: what was saved as
# backup.csv.gz must come back as backup.csv.gz, not silently unpacked by the browser.
_WRAPPINGS = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
}


def guess_content_type(name: str) -> str:
    """Give the content type that a save stores by default: ``'image/jpeg'`` for ``'cat.JPG'``.

    It goes by the name's extension alone and is the same on every machine. What is packed has the
    type of its packing: ``'a.csv.gz'`` is ``'application/gzip'``.
    """
    basename = name.rpartition("/")[2]
    _, dot, extension = basename.rpartition(".")
    if not dot:
        return DEFAULT_CONTENT_TYPE
    return _TYPES.get(extension.lower()) or _guess_by_library(basename)


def _guess_by_library(basename: str) -> str:
    content_type, wrapping = _library().guess_type("file:" + basename)
    if wrapping:
        return _WRAPPINGS.get(wrapping, DEFAULT_CONTENT_TYPE)
    return content_type or DEFAULT_CONTENT_TYPE


@cache
def _library() -> "MimeTypes":
    from mimetypes import MimeTypes  # rarely needed, slow to import

    return MimeTypes()  # Python's own table, without the system's mime.types
