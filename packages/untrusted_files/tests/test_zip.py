"""What a zip is inside."""

import io
import itertools
import zipfile
from collections.abc import Callable

import pytest
import samples as make
from samples import EXCEL, OPENDOCUMENT, OPENXML, POWERPOINT, WORD

from untrusted_files import fits_name, sniff_content_type

OFFICE = {
    "docx": (WORD, f"{OPENXML}.wordprocessingml.document"),
    "xlsx": (EXCEL, f"{OPENXML}.spreadsheetml.sheet"),
    "pptx": (POWERPOINT, f"{OPENXML}.presentationml.presentation"),
}


def sniff(data: bytes, name: str = "") -> str | None:
    return sniff_content_type(io.BytesIO(data), name)


@pytest.mark.parametrize("extension", OFFICE)
def test_order_of_entries_says_nothing(extension: str) -> None:
    """A document is one in each order of its entries, with more of them and a large one first."""
    main, content_type = OFFICE[extension]
    entries = {
        "docProps/thumbnail.jpeg": bytes(range(256)) * 36,
        "customXml/item1.xml": "<x/>",
        **make.office_entries(*main),
    }
    for order in itertools.permutations(entries.items()):
        assert sniff(make.zipped(dict(order)), f"a.{extension}") == content_type


@pytest.mark.parametrize("kind", ["text", "spreadsheet", "presentation"])
def test_order_of_an_open_document(kind: str) -> None:
    """An OpenDocument whose entry mimetype comes last, and is packed, is one all the same."""
    data = make.zipped({"content.xml": "<a/>" * 9000, "mimetype": f"{OPENDOCUMENT}.{kind}"})
    assert sniff(data) == f"{OPENDOCUMENT}.{kind}"


@pytest.mark.parametrize(
    "entries",
    [
        {"a.txt": "text"},
        {"word/notes.txt": "", "xl/a.txt": "", "ppt/b.txt": ""},
        {"[Content_Types].xml": "<Types/>", "a.txt": ""},
        {"word/document.xml": "<document/>"},
        {"docs/word/document.xml": "", "docs/[Content_Types].xml": ""},
        {"[Content_Types].xml": f'<Override PartName="/gone.xml" ContentType="{WORD[1]}"/>'},
        {"mimetype": "application/zip"},
        {"mimetype": "text/html"},
        {"mimetype": "image/png"},
        {"notes/mimetype": "application/epub+zip"},
        {"META-INF/a.txt": ""},
        {"AndroidManifest.xml": ""},
    ],
)
def test_a_plain_zip_is_no_document(entries: dict[str, str]) -> None:
    """What has only some of a document's parts is a zip, which may not be called a document."""
    for name in ("", "a.docx", "a.xlsx", "a.odt", "a.jar"):
        assert sniff(make.zipped(entries), name) == "application/zip"
    assert not fits_name("application/zip", "a.docx")


def test_java_archive_without_a_manifest() -> None:
    """A manifest is optional: compiled classes make a zip a Java archive."""
    assert sniff(make.zipped({"a/B.class": b"\xca\xfe\xba\xbe"})) == "application/java-archive"


def test_the_main_part_of_a_document_may_have_any_name() -> None:
    """The main part may have any name, as that of documents from SharePoint."""
    assert sniff(make.office("word/document2.xml", WORD[1])) == OFFICE["docx"][1]


def test_content_types_in_utf16() -> None:
    """XML may be UTF-16."""
    entries = make.office_entries(*WORD)
    content_types = str(entries["[Content_Types].xml"])
    data = make.zipped({**entries, "[Content_Types].xml": content_types.encode("utf-16")})
    assert sniff(data) == OFFICE["docx"][1]


def test_content_types_that_cannot_be_read() -> None:
    """If they are packed by an unusual method, the main part's usual name decides."""
    data = make.zipped(make.office_entries(*EXCEL), compression=zipfile.ZIP_LZMA)
    assert sniff(data) == OFFICE["xlsx"][1]


def test_macros_do_not_hide() -> None:
    """A document with macros is not taken for one without, and may not have its name."""
    data = make.office(WORD[0], "application/vnd.ms-word.document.macroEnabled.main+xml")
    assert sniff(data, "a.docx") == "application/vnd.ms-word.document.macroEnabled.12"
    assert not fits_name("application/vnd.ms-word.document.macroEnabled.12", "a.docx")
    assert fits_name(OFFICE["docx"][1], "a.docm")


MACROS = "application/vnd.ms-word.document.macroEnabled.12"
_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
_OVERRIDE = '<Override ContentType="{}" PartName="/word/document.xml"/>'


@pytest.mark.parametrize(
    "content_types",
    [
        f"<Types><!-- {_OVERRIDE.format(WORD[1])} -->{_OVERRIDE.format(_MAIN)}</Types>",
        f"<Types>{_OVERRIDE.format(_MAIN.replace('.', '&#46;'))}</Types>",
        f"<a-b:Types>{_OVERRIDE.format(_MAIN).replace('<', '<a-b:')}</a-b:Types>",
        f"<Types><!--{'x' * 300_000}-->{_OVERRIDE.format(_MAIN)}</Types>",
        f"<Types>{_OVERRIDE.format(WORD[1])}</Types>",
        f"<!DOCTYPE Types [<!ENTITY a 'b'>]><Types>{_OVERRIDE.format(WORD[1])}</Types>",
        "<Types><Override",
        "",
    ],
    ids=["comment", "entities", "prefix", "long", "a lie", "a DTD", "cut off", "empty"],
)
def test_macros_are_found_however_the_types_are_written(content_types: str) -> None:
    """What is declared is read as XML; where that lies or is broken, the macros' part counts."""
    entries = {
        "[Content_Types].xml": content_types,
        "word/document.xml": "",
        "word/vbaProject.bin": "",
    }
    assert sniff(make.zipped(entries), "a.docx") == MACROS
    assert sniff(make.zipped(entries, compression=zipfile.ZIP_LZMA), "a.docx") == MACROS


def test_macros_whose_part_has_another_name() -> None:
    """Macros are known by their content type, too."""
    declared = (
        '<Override PartName="/word/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    )
    types = f"<Types>{_OVERRIDE.format(WORD[1])}{declared}</Types>"
    entries = {"[Content_Types].xml": types, "word/document.xml": ""}
    assert sniff(make.zipped(entries)) == OFFICE["docx"][1]
    assert sniff(make.zipped({**entries, "word/x.bin": ""})) == MACROS


@pytest.mark.parametrize("written", [str.lower, str.upper, lambda name: name.replace("/", "\\")])
@pytest.mark.parametrize("extension", OFFICE)
def test_names_of_parts_are_compared_as_office_does(
    extension: str, written: Callable[[str], str]
) -> None:
    """In any case, and with the backslashes that some programs write."""
    main, content_type = OFFICE[extension]
    entries = {written(name): content for name, content in make.office_entries(*main).items()}
    assert sniff(make.zipped(entries), f"a.{extension}") == content_type


def test_a_part_s_name_may_be_encoded() -> None:
    """The name of a part is a URL."""
    entries = {
        "[Content_Types].xml": _OVERRIDE.format(WORD[1]).replace("document.xml", "a%20b.xml")
    }
    assert sniff(make.zipped({**entries, "word/a b.xml": ""})) == OFFICE["docx"][1]
    assert sniff(make.zipped({**entries, "word/a%20b.xml": ""})) == OFFICE["docx"][1]


def test_an_open_document_without_its_first_entry() -> None:
    """The entry mimetype is only a recommendation: the manifest says what it is, too."""
    root = 'm:full-path="/" m:media-type="{}"'
    manifest = '<m:manifest xmlns:m="urn:x"><m:file-entry {}/></m:manifest>'
    for kind, found in (
        (f"{OPENDOCUMENT}.text", f"{OPENDOCUMENT}.text"),
        ("text/html", "application/zip"),
        ("application/epub+zip", "application/zip"),
    ):
        entries = {"META-INF/manifest.xml": manifest.format(root.format(kind)), "content.xml": ""}
        assert sniff(make.zipped(entries), "a.odt") == found


@pytest.mark.parametrize(
    ("entries", "name", "content_type"),
    [
        ({"WEB-INF/web.xml": "", "index.jsp": ""}, "a.war", "application/java-archive"),
        ({"meta-inf/Manifest.mf": ""}, "a.jar", "application/java-archive"),
        ({"My places.KML": "<kml/>", "a/b.png": ""}, "a.kmz", "application/vnd.google-earth.kmz"),
        ({"a/b.kml": "<kml/>"}, "a.kmz", "application/zip"),
    ],
)
def test_archives_by_the_names_in_them(
    entries: dict[str, str], name: str, content_type: str
) -> None:
    """Web applications, Java archives whatever the case, and maps of any name."""
    assert sniff(make.zipped(entries), name) == content_type


def test_a_zip_that_was_to_be_split() -> None:
    """A mark of four bytes in front is one that zips may have."""
    for mark in (b"PK00", b"PK\x07\x08"):
        assert sniff(mark + make.office(*WORD)) == OFFICE["docx"][1]


@pytest.mark.parametrize("name", ["WORKBOOK", "BOOK", "WorkBook", "worddocument"])
def test_streams_of_a_compound_file_in_any_case(name: str) -> None:
    """Their names are compared without case."""
    kind = "word" if name == "worddocument" else "ms-excel"
    assert kind in (sniff(make.ole(name)) or "")


def test_a_false_end_and_a_prefix_do_not_mislead() -> None:
    """A comment with a false end in it, and bytes before the first entry, mislead nobody."""
    data = make.zipped(make.office_entries(*WORD), comment=b"PK\x05\x06" + bytes(30))
    assert sniff(data) == OFFICE["docx"][1]
    prefixed = b"PK\x03\x04 more" + make.zipped(make.office_entries(*WORD))
    assert sniff(prefixed) == OFFICE["docx"][1]


def test_a_streamed_zip64_is_read() -> None:
    """A zip that was written as a stream, with 64-bit sizes and ends, is read too."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in make.office_entries(*WORD).items():
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(content if isinstance(content, bytes) else content.encode())
    data = file.getvalue()
    end = len(data) - 22
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    start = int.from_bytes(data[end + 16 : end + 20], "little")
    record = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(12)
    record += b"".join(one.to_bytes(8, "little") for one in (3, 3, size, start))
    locator = b"PK\x06\x07" + bytes(4) + end.to_bytes(8, "little") + (1).to_bytes(4, "little")
    wrapped = b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + bytes(2)
    assert zipfile.ZipFile(io.BytesIO(data[:end] + record + locator + wrapped)).namelist()
    assert sniff(data[:end] + record + locator + wrapped) == OFFICE["docx"][1]


def test_more_entries_than_are_looked_at() -> None:
    """Of many entries the first are looked at; a file with more is a zip at least."""
    many = {f"{number}.txt": "" for number in range(12_000)}
    assert sniff(make.zipped({**make.office_entries(*WORD), **many})) == OFFICE["docx"][1]
    assert sniff(make.zipped({**many, **make.office_entries(*WORD)})) == "application/zip"


@pytest.mark.parametrize("kept", [30, 200, 400, -23, -1])
def test_a_zip_without_its_end_is_a_zip_and_no_document(kept: int) -> None:
    """A zip without its end is a zip, and no document."""
    assert sniff(make.office(*WORD)[:kept], "a.docx") == "application/zip"


def test_an_encrypted_document_is_known_by_its_name() -> None:
    """A document with a password is a compound file; which one, its name says."""
    data = make.ole("EncryptionInfo", "EncryptedPackage")
    assert sniff(data, "a.docx") == OFFICE["docx"][1]
    assert sniff(data, "a.xlsx") == OFFICE["xlsx"][1]
    assert sniff(data, "a.png") == "application/x-ole-storage"


def test_embedded_document_does_not_count() -> None:
    """What is in a storage below the root is another document, that this one holds."""
    assert sniff(make.ole("Workbook", embedded="WordDocument")) == "application/vnd.ms-excel"
    assert sniff(make.ole("x", embedded="WordDocument")) == "application/x-ole-storage"


def test_long_directory_of_a_compound_file() -> None:
    """The directory is followed through the FAT."""
    names = [f"stream {number}" for number in range(60)]
    assert sniff(make.ole(*names, "WordDocument")) == "application/msword"
