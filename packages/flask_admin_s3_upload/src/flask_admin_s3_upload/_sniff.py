"""Is a file what its extension says? Told by its first bytes."""

from typing import IO

import filetype  # type: ignore[import-untyped]

_HEAD = 8192  # bytes; what the signatures need

_ZIP = frozenset({"zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub"})
_OLE = frozenset({"doc", "xls", "ppt"})
_ISO_MEDIA = frozenset({"mp4", "m4v", "m4a", "mov", "3gp"})
_MATROSKA = frozenset({"mkv", "webm"})

# By extension, the kinds (in the words of the library filetype) that its files may be of. Only
# those whose every file begins with a signature: an extension that is not here proves nothing.
_KINDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_ZIP, _ZIP),
    **dict.fromkeys(_OLE, _OLE),
    **dict.fromkeys(_ISO_MEDIA, _ISO_MEDIA),
    **dict.fromkeys(_MATROSKA, _MATROSKA),
    **dict.fromkeys(("jpg", "jpeg", "jpe"), frozenset({"jpg"})),
    **dict.fromkeys(("tif", "tiff"), frozenset({"tif", "cr2"})),
    **dict.fromkeys(("heic", "heif"), frozenset({"heic"})),
    **dict.fromkeys(("gz", "tgz"), frozenset({"gz"})),
    **dict.fromkeys(("ogg", "oga", "ogv", "opus"), frozenset({"ogg"})),
    "png": frozenset({"png", "apng"}),
    **{
        kind: frozenset({kind})
        for kind in (
            *("7z", "avi", "avif", "bmp", "bz2", "flac", "flv", "gif", "ico", "pdf", "psd"),
            *("rar", "rtf", "sqlite", "wasm", "wav", "webp", "woff", "woff2", "xz"),
        )
    },
}

_TEXTS = frozenset(
    (
        *("css", "csv", "htm", "html", "ini", "js", "json", "log", "md", "mjs", "rst", "srt"),
        *("svg", "toml", "tsv", "txt", "vcf", "xml", "yaml", "yml"),
    )
)
# What text never holds: C0 controls but for bell to carriage return and escape, as file(1) has it.
_BINARY = bytes({*range(7), *range(14, 27), *range(28, 32)})
_WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")  # byte order marks: UTF-16 and 32 hold zeros


def is_genuine(extension: str, file: IO[bytes]) -> bool:
    """Tell whether the content can be what *extension* says, as far as its files have marks."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if extension in _TEXTS:
        return head.startswith(_WIDE_TEXT) or head.translate(None, _BINARY) == head
    if kinds := _KINDS.get(extension):
        kind = filetype.guess(head)
        return kind is not None and kind.extension in kinds
    return True
