"""Families of content types: the extensions of each type, and the types of each extension."""

from functools import cache

from ._names import extension_of, runs_on_server
from ._other_names import OTHER_EXTENSIONS
from ._table import EXTENSIONS

# Kinds of text whose types have neither text/, +xml nor +json.
_TEXTS = frozenset(
    """application/json application/x-ndjson application/yaml application/toml application/sql
    application/x-subrip application/vnd.apple.mpegurl application/x-httpd-php application/x-sh
    application/x-csh application/x-tex application/x-latex application/x-bibtex
    application/xml application/xml-dtd message/rfc822""".split()  # noqa: SIM905
)
_NO_TEXTS = frozenset({"text/rtf"})  # it has a signature

# Text that may hold programs for a browser: plain text is not to be renamed to it.
_ACTIVE_TEXTS = frozenset({"text/html", "application/xml", "message/rfc822"})

# Other names of the types, which developers and browsers use.
_ALIASES = {
    "application/ecmascript": "text/javascript",  # RFC 9239
    "application/javascript": "text/javascript",
    "application/x-javascript": "text/javascript",
    "text/ecmascript": "text/javascript",
    "text/x-javascript": "text/javascript",
    "text/xml": "application/xml",  # RFC 7303
    "application/rtf": "text/rtf",
    "application/x-rtf": "text/rtf",
    "application/x-pdf": "application/pdf",
    "application/csv": "text/csv",
    "text/x-csv": "text/csv",
    "text/comma-separated-values": "text/csv",
    "text/x-markdown": "text/markdown",
    "text/x-vcard": "text/vcard",
    "text/directory": "text/vcard",
    "text/x-vcalendar": "text/calendar",
    "text/json": "application/json",
    "text/yaml": "application/yaml",  # RFC 9512
    "text/x-yaml": "application/yaml",
    "application/x-yaml": "application/yaml",
    "application/jsonl": "application/x-ndjson",
    "application/x-rss+xml": "application/rss+xml",
    "application/x-gzip": "application/gzip",  # RFC 6713
    "application/x-zip": "application/zip",
    "application/x-zip-compressed": "application/zip",
    "application/x-bzip": "application/x-bzip2",
    "application/bzip2": "application/x-bzip2",
    "application/x-zstd": "application/zstd",
    "application/x-rar": "application/vnd.rar",
    "application/x-rar-compressed": "application/vnd.rar",
    "application/x-cbz": "application/vnd.comicbook+zip",
    "application/vnd.debian.binary-package": "application/x-debian-package",
    "application/x-sqlite3": "application/vnd.sqlite3",
    "application/x-msdownload": "application/vnd.microsoft.portable-executable",
    "application/vnd.adobe.flash.movie": "application/x-shockwave-flash",
    "application/x-font-ttf": "font/ttf",  # RFC 8081
    "application/x-font-otf": "font/otf",
    "application/font-woff": "font/woff",
    "application/font-woff2": "font/woff2",
    "application/photoshop": "image/vnd.adobe.photoshop",
    "application/x-photoshop": "image/vnd.adobe.photoshop",
    "audio/mp3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/x-m4b": "audio/mp4",
    "audio/aacp": "audio/aac",
    "audio/x-aac": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/opus": "audio/ogg",  # as a file it is Ogg, RFC 7845
    "audio/vorbis": "audio/ogg",
    "audio/x-ogg": "audio/ogg",
    "audio/x-matroska": "audio/matroska",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/aiff": "audio/x-aiff",
    "audio/x-midi": "audio/midi",
    "image/apng": "image/png",
    "image/x-png": "image/png",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/avif-sequence": "image/avif",
    "image/x-icon": "image/vnd.microsoft.icon",
    "image/x-win-bitmap": "image/vnd.microsoft.icon",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/x-tiff": "image/tiff",
    "image/psd": "image/vnd.adobe.photoshop",
    "image/x-photoshop": "image/vnd.adobe.photoshop",
    "image/x-emf": "image/emf",
    "image/x-wmf": "image/wmf",
    "image/j2k": "image/j2c",
    "image/jpeg2000": "image/jp2",
    "image/svg": "image/svg+xml",
    "video/avi": "video/vnd.avi",
    "video/msvideo": "video/vnd.avi",
    "video/x-msvideo": "video/vnd.avi",
    "video/m4v": "video/x-m4v",
    "video/x-matroska": "video/matroska",
    "video/x-matroska-3d": "video/matroska-3d",
    "video/mpg": "video/mpeg",
    "video/x-mpeg": "video/mpeg",
    "video/flv": "video/x-flv",
    "video/vnd.dlna.mpeg-tts": "video/mp2t",
    "video/wmv": "video/x-ms-wmv",
}


def canonical_type(content_type: str) -> str:
    """Return the spelling of a type that this package uses: ``'image/jpeg'`` for ``'image/JPG'``,
    ``'audio/wav'`` for ``'audio/x-wav'``, and without parameters.

    A type that is not known is returned in lower case, except for the types that have capitals in
    their registration.
    """
    plain = content_type.partition(";")[0].strip().lower()
    return _ALIASES.get(plain) or _capitals().get(plain) or plain


def extensions_of(content_type: str) -> tuple[str, ...]:
    """Return the extensions that files of this type have, the usual one first, without dots; none
    if the type is not known.
    """
    return _extensions().get(canonical_type(content_type), ())


def type_of_name(filename: str) -> str | None:
    """Return the type that a name's extension stands for; ``None`` if it is not known."""
    return _types().get(extension_of(filename))


def types_of_name(filename: str) -> tuple[str, ...]:
    """Return the types that a file of this name may have, the one it stands for first:
    ``'voice.webm'`` may be ``'video/webm'`` or ``'audio/webm'``.
    """
    own = type_of_name(filename)
    extension = extension_of(filename)
    others = (one for one, extensions in _extensions().items() if extension in extensions)
    return tuple(dict.fromkeys((own, *others) if own else others))


def known_types() -> frozenset[str]:
    """Return all types that have known extensions."""
    return frozenset(_extensions())


def is_text_type(content_type: str) -> bool:
    """Return whether files of this type are text: ``text/``, ``+xml``, ``+json`` and more."""
    one = canonical_type(content_type)
    if one in _NO_TEXTS:
        return False
    return one.startswith("text/") or one.endswith(("+xml", "+json")) or one in _TEXTS


def fits_name(content_type: str, filename: str) -> bool:
    """Return whether a file of this type may have this name.

    Types and names come in families: ``'image/jpeg'`` fits ``.jpg`` and ``.jfif``, a film in an
    ISO media file fits ``.mp4``, ``.m4v`` and ``.mov``. Formats that are zip archives fit
    ``.zip``. Plain text may have the name of any kind of text that runs no script.
    """
    one = canonical_type(content_type)
    extension = extension_of(filename)
    if extension in _extensions().get(one, ()):
        return True
    named = _types().get(extension)
    if named is None:
        return False
    if named == "application/zip":
        return is_zip_type(one)
    if is_text_type(named):
        return _fits_text(one, named)
    return False


def name_for(content_type: str, filename: str) -> str:
    """Return the name that a file of this type needs: ``'cat.png'`` for a PNG called ``'cat.jpg'``.

    The name stays as it is if it fits, or if no extension of the type is known. A known extension
    is replaced; to any other the right one is added: ``'v1.2'`` becomes ``'v1.2.png'``.
    """
    extensions = extensions_of(content_type)
    if not extensions or fits_name(content_type, filename):
        return filename
    stem = filename
    if type_of_name(filename) or filename.endswith(".") or runs_on_server(filename):
        stem = filename.rpartition(".")[0] or filename
    return f"{stem}.{extensions[0]}"


def is_zip_type(content_type: str) -> bool:
    """Return whether files of this type are zip archives."""
    return content_type in _zips()


def _fits_text(content_type: str, named: str) -> bool:
    if content_type == "application/xml":
        return named.endswith("+xml") or not _is_active_text(named)
    return is_text_type(content_type) and not _is_active_text(named)


def _is_active_text(content_type: str) -> bool:
    return content_type in _ACTIVE_TEXTS or content_type.endswith("+xml")


@cache
def _extensions() -> dict[str, tuple[str, ...]]:
    kinds = dict.fromkeys((*EXTENSIONS, *OTHER_EXTENSIONS))
    return {
        kind: tuple(
            dict.fromkeys((EXTENSIONS.get(kind, "") + " " + OTHER_EXTENSIONS.get(kind, "")).split())
        )
        for kind in kinds
    }


@cache
def _types() -> dict[str, str]:
    return {one: kind for kind, extensions in EXTENSIONS.items() for one in extensions.split()}


@cache
def _capitals() -> dict[str, str]:
    return {kind.lower(): kind for kind in EXTENSIONS if kind != kind.lower()}


@cache
def _zips() -> frozenset[str]:
    prefixes = ("application/vnd.openxmlformats-", "application/vnd.oasis.opendocument.")
    others = {
        "application/epub+zip",
        "application/java-archive",
        "application/vnd.android.package-archive",
        "application/vnd.comicbook+zip",
        "application/vnd.google-earth.kmz",
        "application/vnd.ms-visio.drawing",
        "application/vnd.ms-xpsdocument",
    }
    return frozenset(
        one
        for one in EXTENSIONS
        if one.startswith(prefixes) or one in others or "macroEnabled" in one
    )
