"""Words for visitors: sizes, kinds of files, and lists of them."""

from collections.abc import Iterable

from ._families import extensions_of

_NAMES = {
    "application/epub+zip": "EPUB",
    "application/gzip": "gzip file",
    "application/json": "JSON file",
    "application/msword": "Word document (.doc)",
    "application/octet-stream": "file of an unknown kind",
    "application/pdf": "PDF",
    "application/rtf": "RTF document",
    "application/vnd.ms-excel": "Excel workbook (.xls)",
    "application/vnd.ms-powerpoint": "PowerPoint presentation (.ppt)",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument presentation",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument spreadsheet",
    "application/vnd.oasis.opendocument.text": "OpenDocument text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (
        "PowerPoint presentation"
    ),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel workbook",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word document",
    "application/zip": "ZIP archive",
    "audio/mpeg": "MP3",
    "image/vnd.microsoft.icon": "ICO",
    "image/svg+xml": "SVG",
    "image/webp": "WebP",
    "text/csv": "CSV file",
    "text/html": "HTML page",
    "text/plain": "text file",
    "application/xhtml+xml": "XHTML page",
    "application/xml": "XML file",
    "text/rtf": "RTF document",
    "video/webm": "WebM",
}

_FAMILIES = {
    "image": "picture",
    "audio": "sound file",
    "video": "video",
    "text": "text file",
    "font": "font",
}

# Names that begin with a vowel as they are spoken, letter by letter or as a word.
_VOWELS = ("A", "E", "I", "O", "U", "MP", "SVG", "RTF", "HTML", "XML", "XHTML")


def name_of(content_type: str) -> str:
    """Return what people call a type, without an article: ``'JPEG'``, ``'Word document'``."""
    if name := _NAMES.get(content_type):
        return name
    family, _, kind = content_type.partition("/")
    if kind == "*" and family in _FAMILIES:
        return _FAMILIES[family]
    extensions = extensions_of(content_type)
    if family == "image" and kind.isalpha():
        return kind.upper()
    return f".{extensions[0]} file" if extensions else content_type


def with_article(name: str) -> str:
    """Return ``'a PNG'``, ``'an AVIF'``."""
    return f"an {name}" if name.upper().startswith(_VOWELS) else f"a {name}"


def one_of(names: Iterable[str]) -> str:
    """Return ``'a JPEG, PNG or GIF'``; each name once."""
    *most, last = dict.fromkeys(names)
    return with_article(f"{', '.join(most)} or {last}" if most else last)


def human_size(size: int) -> str:
    """Return a size as messages for visitors have it, such as ``'12.5 MB'``.

    :param size: in bytes.
    """
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    if unit == "bytes":
        return "1 byte" if size == 1 else f"{size} bytes"
    return f"{value:.4g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"
