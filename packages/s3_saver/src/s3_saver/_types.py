"""Content types by file name, the same on every machine."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mimetypes import MimeTypes

DEFAULT_CONTENT_TYPE = "application/octet-stream"

# Where the web and a system's mime.types disagree, and what Python's own table has learned or
# changed from 3.11 to 3.14, as it is there now. Most are from the media types registry of IANA;
# text/javascript by RFC 9239, fonts by RFC 8081.
_TYPES = {
    "7z": "application/x-7z-compressed",
    "apk": "application/vnd.android.package-archive",
    "avi": "video/vnd.avi",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "css": "text/css",
    "csv": "text/csv",
    "deb": "application/x-debian-package",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "emf": "image/emf",
    "eot": "application/vnd.ms-fontobject",
    "epub": "application/epub+zip",
    "fits": "image/fits",
    "flac": "audio/flac",
    "g3": "image/g3fax",
    "gif": "image/gif",
    "glb": "model/gltf-binary",
    "gltf": "model/gltf+json",
    "gz": "application/gzip",
    "heic": "image/heic",
    "heif": "image/heif",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/vnd.microsoft.icon",
    "jp2": "image/jp2",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "jpm": "image/jpm",
    "jpx": "image/jpx",
    "js": "text/javascript",
    "json": "application/json",
    "jxl": "image/jxl",
    "m4a": "audio/mp4",
    "m4v": "video/x-m4v",
    "map": "application/json",
    "markdown": "text/markdown",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "mk3d": "video/matroska-3d",
    "mka": "audio/matroska",
    "mkv": "video/matroska",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "odg": "application/vnd.oasis.opendocument.graphics",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "ogx": "application/ogg",
    "opus": "audio/ogg",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "php": "application/x-httpd-php",
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rar": "application/vnd.rar",
    "rpm": "application/x-rpm",
    "rst": "text/x-rst",
    "rtf": "text/rtf",
    "stl": "model/stl",
    "svg": "image/svg+xml",
    "t38": "image/t38",
    "tfx": "image/tiff-fx",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "wmf": "image/wmf",
    "wmv": "video/x-ms-wmv",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
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
