"""What a zip is inside: a document of an office program, a book, a program, or only a zip.

The order of the entries says nothing (OPC, ISO/IEC 29500-2), so all names count. Documents of
Microsoft Office are known by ``[Content_Types].xml``, which names the type of the main part
(section 7.2.3 there); OpenDocument (1.3, part 2, section 3.3) and EPUB (OCF 3.3, section 4.3) by
the entry ``mimetype``, and OpenDocument without one by its manifest.
"""

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote_to_bytes
from xml.parsers import expat

from ._bounded import BoundedReader
from ._families import is_zip_type
from ._zip import Directory, read_content, read_directory

# Of one that was to be split, and was not, a mark comes first (APPNOTE 6.3.10, section 8.5).
_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
_ZIP = "application/zip"

_CONTENT_TYPES = b"[content_types].xml"
_MANIFEST = b"meta-inf/manifest.xml"
_MAX_XML_BYTES = 262_144
_MAX_MIMETYPE_BYTES = 128

_OPENXML = "application/vnd.openxmlformats-officedocument"
_WORD = "application/vnd.ms-word"
_EXCEL = "application/vnd.ms-excel"
_POWERPOINT = "application/vnd.ms-powerpoint"
_XPS = "application/vnd.ms-package"
_OPENDOCUMENT = "application/vnd.oasis.opendocument."

# The content types of main parts (ECMA-376 part 1, section 15.2; [MS-OFFMACRO2]), in lower case.
_MAIN_PARTS = {
    name.lower(): kind
    for name, kind in {
        **{
            f"{_OPENXML}.{kind}.main+xml": f"{_OPENXML}.{kind}"
            for kind in (
                "wordprocessingml.document",
                "wordprocessingml.template",
                "spreadsheetml.sheet",
                "spreadsheetml.template",
                "presentationml.presentation",
                "presentationml.template",
                "presentationml.slideshow",
            )
        },
        **{
            f"{kind}.macroEnabled.main+xml": f"{kind}.macroEnabled.12"
            for kind in (
                f"{_WORD}.document",
                f"{_EXCEL}.sheet",
                f"{_EXCEL}.template",
                f"{_EXCEL}.addin",
                f"{_POWERPOINT}.presentation",
                f"{_POWERPOINT}.template",
                f"{_POWERPOINT}.slideshow",
            )
        },
        f"{_WORD}.template.macroEnabledTemplate.main+xml": f"{_WORD}.template.macroEnabled.12",
        f"{_EXCEL}.sheet.binary.macroEnabled.main": f"{_EXCEL}.sheet.binary.macroEnabled.12",
        "application/vnd.ms-visio.drawing.main+xml": "application/vnd.ms-visio.drawing",
        f"{_XPS}.xps-fixeddocumentsequence+xml": "application/vnd.ms-xpsdocument",
    }.items()
}
# Where programs put the main part, for content types that cannot be read.
_MAIN_NAMES = {
    b"word/document.xml": f"{_OPENXML}.wordprocessingml.document",
    b"xl/workbook.xml": f"{_OPENXML}.spreadsheetml.sheet",
    b"ppt/presentation.xml": f"{_OPENXML}.presentationml.presentation",
}

# Parts that hold macros: a document with one of them has macros, whatever its main part says.
_MACROS = frozenset(
    (
        "application/vnd.ms-office.vbaproject",
        "application/vnd.ms-excel.macrosheet+xml",
        "application/vnd.ms-excel.intlmacrosheet+xml",
    )
)
_MACROS_NAME = b"vbaproject.bin"
_WITH_MACROS = {
    f"{_OPENXML}.wordprocessingml.document": f"{_WORD}.document.macroEnabled.12",
    f"{_OPENXML}.wordprocessingml.template": f"{_WORD}.template.macroEnabled.12",
    f"{_OPENXML}.spreadsheetml.sheet": f"{_EXCEL}.sheet.macroEnabled.12",
    f"{_OPENXML}.spreadsheetml.template": f"{_EXCEL}.template.macroEnabled.12",
    f"{_OPENXML}.presentationml.presentation": f"{_POWERPOINT}.presentation.macroEnabled.12",
    f"{_OPENXML}.presentationml.template": f"{_POWERPOINT}.template.macroEnabled.12",
    f"{_OPENXML}.presentationml.slideshow": f"{_POWERPOINT}.slideshow.macroEnabled.12",
}

_Names = dict[bytes, bytes]  # as OPC compares them, and as they are written


def read_zip(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have, the likeliest first; none if it is no zip."""
    if not reader.head.startswith(_STARTS):
        return ()
    directory = read_directory(reader)
    if directory is None:  # cut off: what is in it cannot be known
        return (_ZIP,)
    names = _plain_names(directory)
    found = (
        _office_type(reader, directory, names)
        or _declared_type(reader, directory)
        or _manifest_type(reader, directory, names)
        or _type_by_names(directory, names)
    )
    return (found, _ZIP) if found else (_ZIP, "application/vnd.comicbook+zip")


def _plain_names(directory: Directory) -> _Names:
    """Names count without case (OPC, section 6.2.2.3); some programs write backslashes."""
    return {name.replace(b"\\", b"/").lstrip(b"/").lower(): name for name in directory.entries}


def _office_type(reader: BoundedReader, directory: Directory, names: _Names) -> str | None:
    if _CONTENT_TYPES not in names:
        return None
    main = None
    has_macros = any(name.rpartition(b"/")[2] == _MACROS_NAME for name in names)
    for content_type, part in _declared_parts(reader, directory, names):
        if part not in names:
            continue
        main = main or _MAIN_PARTS.get(content_type)
        has_macros = has_macros or content_type in _MACROS
    if main is None:
        main = next((kind for name, kind in _MAIN_NAMES.items() if name in names), None)
    return _WITH_MACROS.get(main, main) if main and has_macros else main


def _declared_parts(
    reader: BoundedReader, directory: Directory, names: _Names
) -> Iterator[tuple[str, bytes]]:
    """The content types, in lower case, with a part that has each: it need not be there."""
    endings = {name.rpartition(b".")[2]: name for name in names if b"." in name}
    content = read_content(reader, directory, names[_CONTENT_TYPES], _MAX_XML_BYTES)
    for element, values in _elements(content):
        content_type = values.get("ContentType", "").strip().lower()
        if element == "Override":
            written = values.get("PartName", "").removeprefix("/").lower().encode()
            yield content_type, written if written in names else unquote_to_bytes(written)
        elif element == "Default":
            # One for all files of an extension, as XPS has it.
            yield content_type, endings.get(values.get("Extension", "").lower().encode(), b"")


def _declared_type(reader: BoundedReader, directory: Directory) -> str | None:
    content = read_content(reader, directory, b"mimetype", _MAX_MIMETYPE_BYTES)
    declared = content.decode("latin-1").strip()
    return declared if is_zip_type(declared) else None


def _manifest_type(reader: BoundedReader, directory: Directory, names: _Names) -> str | None:
    if _MANIFEST not in names:
        return None
    content = read_content(reader, directory, names[_MANIFEST], _MAX_XML_BYTES)
    for element, values in _elements(content):
        plain = {name.rpartition(":")[2]: value for name, value in values.items()}
        if element == "file-entry" and plain.get("full-path") == "/":
            declared = plain.get("media-type", "")
            return (
                declared if declared.startswith(_OPENDOCUMENT) and is_zip_type(declared) else None
            )
    return None


def _type_by_names(directory: Directory, names: _Names) -> str | None:
    own = directory.entries
    if b"AndroidManifest.xml" in own and (b"classes.dex" in own or b"resources.arsc" in own):
        return "application/vnd.android.package-archive"
    if b"meta-inf/manifest.mf" in names or any(
        name.endswith(b".class") or name.startswith(b"WEB-INF/") for name in own
    ):
        return "application/java-archive"
    if any(name.endswith(b".kml") and b"/" not in name for name in names):
        return "application/vnd.google-earth.kmz"
    return None


def _elements(content: bytes) -> list[tuple[str, dict[str, str]]]:
    """The elements of a piece of XML, without their prefixes, as far as it is sound."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name.rpartition(":")[2], attributes))

    def refuse(*_: object) -> None:  # neither format allows a DTD, and its entities may be bombs
        raise ValueError

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    with suppress(expat.ExpatError, ValueError, LookupError):  # of an unknown encoding
        parser.Parse(content, True)
    return found
