"""Files of many kinds, made by the programs and libraries that are installed here.

Each is a name, and the types that are right for it: a family where a format has several.
"""

import bz2
import gzip
import lzma
import random
import shutil
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from _typed_films import Made, films, run
from PIL import Image

OPENXML = "application/vnd.openxmlformats-officedocument"
OPENDOCUMENT = "application/vnd.oasis.opendocument"
HEIF = {"image/heic", "image/heif"}


def make_all(folder: Path) -> dict[str, set[str]]:
    """Make the files in *folder*; names and right types are returned."""
    types: dict[str, set[str]] = {}
    for makers in (pictures, films, documents, archives, texts):
        for name, right in makers(folder):
            if (folder / name).is_file():
                types[name] = {right} if isinstance(right, str) else right
    return types


def pictures(folder: Path) -> Made:
    red, blue = (Image.new("RGB", (32, 24), color) for color in ("red", "blue"))
    for ending, format_, right in (
        ("jpg", "JPEG", "image/jpeg"), ("png", "PNG", "image/png"), ("gif", "GIF", "image/gif"),
        ("webp", "WEBP", "image/webp"), ("avif", "AVIF", "image/avif"), ("bmp", "BMP", "image/bmp"),
        ("tif", "TIFF", "image/tiff"), ("ico", "ICO", "image/vnd.microsoft.icon"),
        ("jp2", "JPEG2000", "image/jp2"), ("ppm", "PPM", "image/x-portable-pixmap"),
        ("pdf", "PDF", "application/pdf"), ("eps", "EPS", "application/postscript"),
    ):  # fmt: skip
        red.save(folder / f"still.{ending}", format_)
        yield f"still.{ending}", right
    for ending, format_, right in (
        ("png", "PNG", "image/png"), ("gif", "GIF", "image/gif"), ("webp", "WEBP", "image/webp"),
        ("avif", "AVIF", "image/avif"), ("tif", "TIFF", "image/tiff"),
        ("mpo.jpg", "MPO", "image/jpeg"),
    ):  # fmt: skip
        red.save(folder / f"moving.{ending}", format_, save_all=True, append_images=[blue])
        yield f"moving.{ending}", right
    red.convert("L").save(folder / "gray.pgm")
    yield "gray.pgm", "image/x-portable-graymap"
    red.convert("1").save(folder / "bits.pbm")
    yield "bits.pbm", "image/x-portable-bitmap"
    red.save(folder / "stream.j2k", "JPEG2000", no_jp2=True)
    yield "stream.j2k", "image/j2c"
    red.save(folder / "big.tiff", "TIFF", big_tiff=True)
    yield "big.tiff", "image/tiff"
    (folder / "stripped.jpg").write_bytes(
        b"\xff\xd8\xff\xdb" + (folder / "still.jpg").read_bytes()[20:]
    )
    yield "stripped.jpg", "image/jpeg"
    for brand, others, right in (
        (b"heic", (b"mif1", b"heic"), HEIF), (b"heix", (b"mif1", b"heix"), HEIF),
        (b"mif1", (b"mif1", b"heic"), HEIF), (b"mif1", (b"miaf", b"heix"), HEIF),
        (b"msf1", (b"msf1", b"hevc"), {"image/heic-sequence", "image/heif-sequence"}),
        (b"hevc", (b"msf1",), {"image/heic-sequence", "image/heif-sequence"}),
        (b"mif1", (b"miaf", b"avif"), "image/avif"), (b"avis", (b"msf1", b"avif"), "image/avif"),
        (b"crx ", (b"isom",), "image/x-canon-cr3"),
        (b"mp42", (b"isom", b"mp42"), {"video/mp4", "audio/mp4"}),
        (b"iso5", (b"dash",), {"video/mp4", "audio/mp4"}), (b"M4V ", (b"mp42",), "video/x-m4v"),
        (b"3gp4", (b"isom",), {"video/3gpp"}), (b"3g2a", (), {"video/3gpp2"}),
        (b"qt  ", (), "video/quicktime"), (b"M4B ", (b"isom",), "audio/mp4"),
    ):  # fmt: skip
        body = brand + bytes(4) + b"".join(others)
        name = f"brand-{brand.decode().strip()}-{'-'.join(one.decode() for one in others)}"
        (folder / name).write_bytes((8 + len(body)).to_bytes(4) + b"ftyp" + body + bytes(64))
        yield name, right
    if shutil.which("convert"):
        for ending, right in (
            ("psd", "image/vnd.adobe.photoshop"), ("hdr", "image/vnd.radiance"),
            ("fits", "image/fits"), ("exr", "image/x-exr"), ("heic", HEIF),
            ("cur", "image/vnd.microsoft.icon"), ("pcx.bmp", "image/bmp"),
        ):  # fmt: skip
            run("convert", folder / "still.png", folder / f"magick.{ending}")
            yield f"magick.{ending}", right


def documents(folder: Path) -> Made:
    write = lambda name, text: (folder / name).write_text(text)  # noqa: E731
    if shutil.which("soffice"):
        write("a.html", "<html><body><h1>Title</h1><p>Text</p></body></html>")
        write("a.csv", "a,b\n1,2\n")
        (folder / "office").mkdir(exist_ok=True)
        for source, filter_ in (("a.html", "writer"), ("a.csv", "calc")):
            endings = ("odt", "ott", "doc", "docx", "rtf", "pdf", "epub")
            for ending in endings if filter_ == "writer" else ("ods", "ots", "xls", "xlsx"):
                application = ("--writer",) if filter_ == "writer" else ()
                target = ("--convert-to", ending, "--outdir", folder / "office")
                run("soffice", "--headless", *application, *target, folder / source)
        for path in sorted((folder / "office").iterdir()):
            path.rename(folder / f"office.{path.suffix[1:]}")
    yield from (
        ("office.odt", f"{OPENDOCUMENT}.text"), ("office.ott", f"{OPENDOCUMENT}.text-template"),
        ("office.doc", "application/msword"), ("office.rtf", "text/rtf"),
        ("office.docx", f"{OPENXML}.wordprocessingml.document"), ("office.pdf", "application/pdf"),
        ("office.epub", "application/epub+zip"), ("office.ods", f"{OPENDOCUMENT}.spreadsheet"),
        ("office.ots", f"{OPENDOCUMENT}.spreadsheet-template"),
        ("office.xls", "application/vnd.ms-excel"),
        ("office.xlsx", f"{OPENXML}.spreadsheetml.sheet"),
    )  # fmt: skip
    yield from library_documents(folder)
    if (folder / "office.odt").is_file():
        yield from turned(folder, "office.odt", f"{OPENDOCUMENT}.text")
    for name, before in (
        ("newline.pdf", b"\n"),
        ("bom.pdf", b"\xef\xbb\xbf"),
        ("late.pdf", b"x" * 900),
    ):
        (folder / name).write_bytes(before + (folder / "still.pdf").read_bytes())
        yield name, "application/pdf"


def library_documents(folder: Path) -> Made:
    try:
        import docx
        import openpyxl
        import pptx
        import xlsxwriter
        import xlwt
    except ImportError:
        return
    docx.Document().save(str(folder / "library.docx"))
    openpyxl.Workbook().save(folder / "library.xlsx")
    pptx.Presentation().save(str(folder / "library.pptx"))
    xlsxwriter.Workbook(str(folder / "writer.xlsx")).close()
    book = xlwt.Workbook()
    book.add_sheet("one").write(0, 0, "x")
    book.save(str(folder / "library.xls"))
    yield "library.xls", "application/vnd.ms-excel"
    yield "writer.xlsx", f"{OPENXML}.spreadsheetml.sheet"
    for ending, kind in (
        ("docx", "wordprocessingml.document"), ("xlsx", "spreadsheetml.sheet"),
        ("pptx", "presentationml.presentation"),
    ):  # fmt: skip
        yield f"library.{ending}", f"{OPENXML}.{kind}"
        yield from turned(folder, f"library.{ending}", f"{OPENXML}.{kind}")
    word = f"{OPENXML}.wordprocessingml.document.main".encode()
    repack(
        folder / "library.docx",
        folder / "changed.docm",
        change=lambda data: data.replace(
            word, b"application/vnd.ms-word.document.macroEnabled.main"
        ),
    )
    yield "changed.docm", "application/vnd.ms-word.document.macroEnabled.12"
    repack(
        folder / "library.pptx",
        folder / "changed.potx",
        change=lambda data: data.replace(b"presentation.main+xml", b"template.main+xml"),
    )
    yield "changed.potx", f"{OPENXML}.presentationml.template"


def turned(folder: Path, name: str, right: str) -> Made:
    """The same document with its entries in other orders, and with a large one first."""
    source = folder / name
    for word, order in (
        ("backwards", lambda names: names[::-1]),
        ("sorted", sorted),
        ("shuffled", lambda names: random.Random(1).sample(names, len(names))),
    ):
        repack(source, folder / f"{word}-{name}", order=order)
        yield f"{word}-{name}", right
    repack(source, folder / f"large-{name}", first=random.Random(1).randbytes(20_000))
    yield f"large-{name}", right


def repack(
    source: Path,
    target: Path,
    *,
    order: Callable[[list[str]], list[str]] = list,
    change: Callable[[bytes], bytes] = bytes,
    first: bytes = b"",
) -> None:
    """Copy a zip in another order, with another ``[Content_Types].xml``, or with one more entry."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        if first:
            new.writestr("customXml/large.bin", first)
        for name in order(old.namelist()):
            data = old.read(name)
            new.writestr(name, change(data) if name == "[Content_Types].xml" else data)


def archives(folder: Path) -> Made:
    def make_zip(name: str, **entries: str) -> None:
        with zipfile.ZipFile(folder / name, "w") as file:
            for entry, text in entries.items():
                file.writestr(entry, text)

    make_zip("plain.zip", **{"a.txt": "text"})
    make_zip("words.zip", **{"word/notes.txt": "text", "xl/a.txt": "b", "ppt/c": ""})
    make_zip("xml.zip", **{"[Content_Types].xml": "<Types/>", "a.txt": "text"})
    make_zip(
        "rels.zip", **{"a.xml": "<a/>", "_rels/.rels": "<Relationships/>", "docProps/app.xml": ""}
    )
    (folder / "empty.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    for name in ("plain.zip", "words.zip", "xml.zip", "rels.zip", "empty.zip"):
        yield name, "application/zip"
    make_zip("a.jar", **{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "A.class": ""})
    yield "a.jar", "application/java-archive"
    make_zip("a.apk", **{"AndroidManifest.xml": "", "classes.dex": "", "META-INF/MANIFEST.MF": ""})
    yield "a.apk", "application/vnd.android.package-archive"
    make_zip("a.epub", **{"mimetype": "application/epub+zip", "META-INF/container.xml": ""})
    yield "a.epub", "application/epub+zip"
    data = b"some text " * 100
    for name, packed, right in (
        ("a.gz", gzip.compress(data), "application/gzip"),
        ("a.bz2", bz2.compress(data), "application/x-bzip2"),
        ("a.xz", lzma.compress(data), "application/x-xz"),
    ):
        (folder / name).write_bytes(packed)
        yield name, right
    for name, format_ in (("ustar.tar", tarfile.USTAR_FORMAT), ("pax.tar", tarfile.PAX_FORMAT)):
        with tarfile.open(folder / name, "w", format=format_) as file:
            file.add(folder / "a.gz", "a.gz")
        yield name, "application/x-tar"
    for tool, name, right in (("7z", "a.7z", "application/x-7z-compressed"),):
        if shutil.which(tool):
            run(tool, "a", folder / name, folder / "a.gz")
            yield name, right
    if shutil.which("zstd"):
        run("zstd", "-q", "-f", folder / "a.gz", "-o", folder / "a.zst")
        yield "a.zst", "application/zstd"
    with sqlite3.connect(folder / "a.sqlite") as base:
        base.execute("create table if not exists t (x)")
    yield "a.sqlite", "application/vnd.sqlite3"
    (folder / "a.wasm").write_bytes(b"\0asm\x01\0\0\0")
    yield "a.wasm", "application/wasm"


def texts(folder: Path) -> Made:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    for name, data, right in (
        ("utf8.txt", "Grüße\n".encode(), "text/plain"), ("ascii.txt", b"text\n", "text/plain"),
        ("bom.txt", "\ufeffGrüße\n".encode(), "text/plain"),
        ("utf16.txt", "Grüße\n".encode("utf-16"), "text/plain"),
        ("cp1252.csv", "Straße;1\r\n".encode("cp1252"), "text/csv"),
        ("cp932.csv", "日本,語\r\n".encode("cp932"), "text/csv"),
        ("utf16.csv", "a;ü\r\n".encode("utf-16"), "text/csv"),
        ("old.txt", b"text\r\n\x1a", "text/plain"), ("a.csv", b"a,b\n1,2\n", "text/csv"),
        ("a.ics", b"BEGIN:VCALENDAR\r\n", "text/calendar"),
        ("a.json", b'{"a": 1}', "application/json"),
        ("a.geojson", b'{"type": "Point"}', "application/geo+json"),
        ("a.gpx", b'<?xml version="1.0"?><gpx/>', "application/gpx+xml"),
        ("a.md", b"# Title\n", "text/markdown"), ("a.yaml", b"a: 1\n", "application/yaml"),
        ("a.toml", b"a = 1\n", "application/toml"), ("a.sql", b"select 1;\n", "application/sql"),
        ("a.js", b"let a = 1\n", "text/javascript"), ("a.css", b"a {}\n", "text/css"),
        ("a.svg", svg.encode(), "image/svg+xml"), ("a.vcf", b"BEGIN:VCARD\r\n", "text/vcard"),
        ("declared.svg", b'<?xml version="1.0"?><!-- by x -->' + svg.encode(), "image/svg+xml"),
        ("a.html", b"<!DOCTYPE html><html></html>", "text/html"),
        ("html.png", b"<!DOCTYPE html><html></html>", "text/html"),
        ("script.jpg", b"  <script>alert(1)</script>", "text/html"),
        ("svg.png", svg.encode(), "image/svg+xml"), ("svg", b"\n" + svg.encode(), "image/svg+xml"),
        ("a.xhtml", b'<?xml version="1.0"?><html/>', "application/xhtml+xml"),
        ("bmw.txt", b"BMW is a maker of cars\n", "text/plain"),
        ("mz.txt", b"MZ is a title\n", "text/plain"),
        ("gif.txt", b"GIF8 is no picture\n", "text/plain"),
        ("a.rtf", b"{\\rtf1 text}", "text/rtf"), ("a.vtt", b"WEBVTT\n\n", "text/vtt"),
    ):  # fmt: skip
        (folder / name).write_bytes(data)
        yield name, right
