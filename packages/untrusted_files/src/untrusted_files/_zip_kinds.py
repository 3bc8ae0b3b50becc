"""What a zip is inside: a document of an office program, a book, a program, or only a zip.

The order of the entries says nothing (OPC, ISO/IEC 29500-2), so all names count. Documents of
Microsoft Office are known by ``[Content_Types].xml``, which names the type of the main part
(section 7.2.3 there); OpenDocument (1.3, part 2, section 3.3) and EPUB (OCF 3.3, section 4.3) by
the entry ``mimetype``.
"""

import re

from ._bounded import BoundedReader
from ._families import is_zip_type
from ._zip import Directory, read_content, read_directory

_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04")
_ZIP = "application/zip"

_CONTENT_TYPES = b"[Content_Types].xml"
_MAX_CONTENT_TYPES_BYTES = 262_144
_MAX_MIMETYPE_BYTES = 128

_OPENXML = "application/vnd.openxmlformats-officedocument"
_WORD = "application/vnd.ms-word"
_EXCEL = "application/vnd.ms-excel"
_POWERPOINT = "application/vnd.ms-powerpoint"
_XPS = "application/vnd.ms-package"

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

_ELEMENT = re.compile(r"<(?:\w+:)?(Override|Default)\b([^<>]*)")
_ATTRIBUTE = re.compile(r"""\b(PartName|Extension|ContentType)\s*=\s*["']([^"']*)["']""")


def read_zip(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have, the likeliest first; none if it is no zip."""
    if not reader.head.startswith(_STARTS):
        return ()
    directory = read_directory(reader)
    if directory is None:  # cut off: what is in it cannot be known
        return (_ZIP,)
    found = (
        _office_type(reader, directory)
        or _declared_type(reader, directory)
        or _type_by_names(directory)
    )
    return (found, _ZIP) if found else (_ZIP, "application/vnd.comicbook+zip")


def _office_type(reader: BoundedReader, directory: Directory) -> str | None:
    if _CONTENT_TYPES not in directory.entries:
        return None
    names = {name.lower() for name in directory.entries}
    endings = {name.rpartition(b".")[2]: name for name in names if b"." in name}
    content = read_content(reader, directory, _CONTENT_TYPES, _MAX_CONTENT_TYPES_BYTES)
    for kind, attributes in _ELEMENT.findall(_decoded(content)):
        values = dict(_ATTRIBUTE.findall(attributes))
        found = _MAIN_PARTS.get(values.get("ContentType", "").lower())
        if found and kind == "Override":
            part = values.get("PartName", "").removeprefix("/").lower().encode()
        elif found:
            # One for all files of an extension, as XPS has it.
            part = endings.get(values.get("Extension", "").lower().encode(), b"")
        if found and part in names:
            return found
    return next((kind for name, kind in _MAIN_NAMES.items() if name in names), None)


def _declared_type(reader: BoundedReader, directory: Directory) -> str | None:
    content = read_content(reader, directory, b"mimetype", _MAX_MIMETYPE_BYTES)
    declared = content.decode("latin-1").strip()
    return declared if is_zip_type(declared) else None


def _type_by_names(directory: Directory) -> str | None:
    names = directory.entries
    if b"AndroidManifest.xml" in names and (b"classes.dex" in names or b"resources.arsc" in names):
        return "application/vnd.android.package-archive"
    if b"META-INF/MANIFEST.MF" in names or any(name.endswith(b".class") for name in names):
        return "application/java-archive"
    if b"doc.kml" in names:
        return "application/vnd.google-earth.kmz"
    return None


def _decoded(content: bytes) -> str:
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if is_wide else "utf-8", errors="replace")
