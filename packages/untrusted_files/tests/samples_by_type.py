"""One file for each type that bytes can be found to have."""

import bz2
import gzip
import lzma

import samples as make
from samples import EXCEL, OPENDOCUMENT, OPENXML, POWERPOINT, WORD

_JPEG2000 = b"\0\0\0\x0cjP  \r\n\x87\n"
_MACROS = "application/vnd.ms-{}.macroEnabled{}.main+xml"
_SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def _variant(base: tuple[str, str], old: str, new: str) -> bytes:
    part, content_type = base
    return make.office(part, content_type.replace(old, new))


#: Without a name they are recognised by their bytes alone.
BINARY: dict[str, bytes] = {
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(20),
    "image/png": make.png(),
    "image/gif": b"GIF89a\x01\0\x01\0\0\0\0;",
    "image/webp": make.riff(b"WEBP"),
    "image/avif": make.brands(b"avif", b"mif1", b"miaf"),
    "image/heic": make.brands(b"heic", b"mif1", b"heic"),
    "image/heif": make.brands(b"mif1", b"mif1"),
    "image/heic-sequence": make.brands(b"hevc", b"msf1"),
    "image/heif-sequence": make.brands(b"msf1", b"msf1"),
    "image/avci": make.brands(b"avci", b"mif1"),
    "image/avcs": make.brands(b"avcs", b"msf1"),
    "image/jxl": b"\0\0\0\x0cJXL \r\n\x87\n" + make.brands(b"jxl "),
    "image/jp2": _JPEG2000 + make.brands(b"jp2 ", b"jp2 "),
    "image/jpx": _JPEG2000 + make.brands(b"jpx ", b"jpxb"),
    "image/jpm": _JPEG2000 + make.brands(b"jpm "),
    "image/jph": _JPEG2000 + make.brands(b"jph "),
    "image/j2c": b"\xff\x4f\xff\x51" + bytes(40),
    "image/bmp": make.bmp(),
    "image/tiff": make.tiff(),
    "image/vnd.microsoft.icon": make.icon(1),
    "image/vnd.adobe.photoshop": b"8BPS\0\x01" + bytes(20),
    "image/vnd.djvu": b"AT&TFORM\0\0\0\x10DJVU" + bytes(12),
    "image/vnd.dwg": b"AC1032" + bytes(20),
    "image/vnd.radiance": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\x02\x02\0\0",
    "image/emf": make.at(40, b" EMF", b"\x01\0\0\0"),
    "image/wmf": b"\xd7\xcd\xc6\x9a" + bytes(40),
    "image/fits": b"SIMPLE  =                    T".ljust(2880),
    "image/qoi": b"qoif\0\0\0\x01\0\0\0\x01\x03\0",
    "image/x-exr": b"\x76\x2f\x31\x01\x02\0\0\0",
    "image/x-xcf": b"gimp xcf v011\0" + bytes(20),
    "image/x-portable-bitmap": make.portable(4),
    "image/x-portable-graymap": make.portable(5),
    "image/x-portable-pixmap": make.portable(6),
    "image/x-adobe-dng": make.tiff({256: 8, 50706: 1}),
    "image/x-canon-cr2": b"II*\0\x10\0\0\0CR\x02\0" + bytes(40),
    "image/x-canon-cr3": make.brands(b"crx ", b"isom"),
    "image/x-fuji-raf": b"FUJIFILMCCD-RAW 0201" + bytes(40),
    "image/x-olympus-orf": b"IIRO" + bytes(40),
    "image/x-panasonic-rw2": b"IIU\0" + bytes(40),
    "audio/mpeg": make.mp3(),
    "audio/mp4": make.iso_media(b"M4A ", b"isom", tracks=(b"soun",)),
    "audio/aac": make.adts(),
    "audio/ogg": make.ogg(b"OpusHead" + bytes(11)),
    "audio/webm": make.matroska(b"webm", 2),
    "audio/matroska": make.matroska(b"matroska", 2),
    "audio/wav": make.riff(b"WAVE"),
    "audio/flac": b"fLaC\0\0\0\x22" + bytes(34),
    "audio/x-aiff": make.riff(b"AIFF", b"FORM"),
    "audio/x-caf": b"caff\0\x01\0\0desc" + bytes(20),
    "audio/midi": b"MThd\0\0\0\x06\0\x01\0\x01\0\x60",
    "audio/amr": b"#!AMR\n\x3c" + bytes(31),
    "audio/amr-wb": b"#!AMR-WB\n\x3c" + bytes(31),
    "audio/ac3": b"\x0b\x77\0\0\x14\x40" + bytes(60),
    "audio/basic": b".snd\0\0\0\x18" + bytes(16),
    "audio/x-ms-wma": make.asf(make.ASF_SOUND),
    "audio/x-ape": b"MAC \x96\x0f" + bytes(60),
    "audio/x-wavpack": b"wvpk" + bytes(60),
    "audio/3gpp": make.iso_media(b"3gp4", tracks=(b"soun",)),
    "audio/3gpp2": make.iso_media(b"3g2a", tracks=(b"soun",)),
    "video/mp4": make.iso_media(b"isom", b"iso2", b"avc1", b"mp41"),
    "video/x-m4v": make.iso_media(b"M4V ", b"mp42"),
    "video/quicktime": make.iso_media(b"qt  "),
    "video/3gpp": make.iso_media(b"3gp4"),
    "video/3gpp2": make.iso_media(b"3g2a"),
    "video/mj2": _JPEG2000 + make.brands(b"mjp2"),
    "video/webm": make.matroska(b"webm", 1, 2),
    "video/matroska": make.matroska(b"matroska", 1, 2),
    "video/ogg": make.ogg(b"\x80theora" + bytes(35), b"\x01vorbis" + bytes(23)),
    "video/vnd.avi": make.riff(b"AVI "),
    "video/mpeg": b"\0\0\x01\xba\x44" + bytes(60),
    "video/mp2t": (b"\x47\x1f\xff\x10" + bytes(184)) * 3,
    "video/x-flv": b"FLV\x01\x05\0\0\0\x09",
    "video/x-ms-wmv": make.asf(make.ASF_SOUND, make.ASF_FILM),
    "video/x-ms-asf": make.asf(),
    "application/ogg": make.ogg(b"unheard of"),
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "application/postscript": b"%!PS-Adobe-3.0\n",
    "text/rtf": b"{\\rtf1 text}",
    "application/msword": make.ole("\x01CompObj", "WordDocument", "1Table"),
    "application/vnd.ms-excel": make.ole("Workbook"),
    "application/vnd.ms-powerpoint": make.ole("Current User", "PowerPoint Document"),
    "application/vnd.ms-outlook": make.ole("__nameid_version1.0", "__properties_version1.0"),
    "application/vnd.visio": make.ole("VisioDocument"),
    "application/x-mspublisher": make.ole("Quill", "Contents"),
    "application/x-msi": make.ole("x", class_id=bytes.fromhex("84100c0000000000c000000000000046")),
    f"{OPENXML}.wordprocessingml.document": make.office(*WORD),
    f"{OPENXML}.wordprocessingml.template": _variant(WORD, ".document.main", ".template.main"),
    f"{OPENXML}.spreadsheetml.sheet": make.office(*EXCEL),
    f"{OPENXML}.spreadsheetml.template": _variant(EXCEL, ".sheet.main", ".template.main"),
    f"{OPENXML}.presentationml.presentation": make.office(*POWERPOINT),
    **{
        f"{OPENXML}.presentationml.{kind}": _variant(
            POWERPOINT, ".presentation.main", f".{kind}.main"
        )
        for kind in ("template", "slideshow")
    },
    **{
        f"application/vnd.ms-{kind}.macroEnabled.12": make.office(
            part, _MACROS.format(kind, ending)
        )
        for part, kind, ending in (
            (WORD[0], "word.document", ""),
            (WORD[0], "word.template", "Template"),
            (EXCEL[0], "excel.sheet", ""),
            (EXCEL[0], "excel.template", ""),
            (EXCEL[0], "excel.addin", ""),
            (POWERPOINT[0], "powerpoint.presentation", ""),
            (POWERPOINT[0], "powerpoint.template", ""),
            (POWERPOINT[0], "powerpoint.slideshow", ""),
        )
    },
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12": make.office(
        "xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    ),
    "application/vnd.ms-visio.drawing": make.office(
        "visio/document.xml", "application/vnd.ms-visio.drawing.main+xml"
    ),
    "application/vnd.ms-xpsdocument": make.office(
        "FixedDocSeq.fdseq", "application/vnd.ms-package.xps-fixeddocumentsequence+xml"
    ),
    **{
        f"{OPENDOCUMENT}.{kind}": make.declared(f"{OPENDOCUMENT}.{kind}")
        for kind in (
            *("text", "text-template", "text-master", "spreadsheet", "spreadsheet-template"),
            *("presentation", "presentation-template", "graphics", "graphics-template"),
            *("chart", "formula", "image"),
        )
    },
    "application/epub+zip": make.declared("application/epub+zip"),
    "application/x-mobipocket-ebook": make.at(60, b"BOOKMOBI", b"A title"),
    "application/vnd.ms-htmlhelp": b"ITSF\x03\0\0\0" + bytes(80),
    "application/dicom": make.at(128, b"DICM"),
    "application/zip": make.zipped({"a.txt": "text"}),
    "application/java-archive": make.zipped({"META-INF/MANIFEST.MF": "", "A.class": ""}),
    "application/vnd.android.package-archive": make.zipped(
        {"META-INF/MANIFEST.MF": "", "AndroidManifest.xml": "", "classes.dex": ""}
    ),
    "application/vnd.google-earth.kmz": make.zipped({"doc.kml": "<kml/>"}),
    "application/gzip": gzip.compress(b"text"),
    "application/x-bzip2": bz2.compress(b"text"),
    "application/x-xz": lzma.compress(b"text"),
    "application/zstd": b"\x28\xb5\x2f\xfd\x04\0\x01\0\0\x99\xe9\xd8\x51",
    "application/x-lz4": b"\x04\x22\x4d\x18\x64\x40\xa7\0\0\0\0",
    "application/x-lzip": b"LZIP\x01\x0c" + bytes(30),
    "application/x-7z-compressed": b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(24),
    "application/vnd.rar": b"Rar!\x1a\x07\x01\0" + bytes(20),
    "application/x-tar": make.at(257, b"ustar\00000", b"name"),
    "application/x-cpio": b"07070100000000" + bytes(90),
    "application/vnd.ms-cab-compressed": b"MSCF\0\0\0\0" + bytes(30),
    "application/x-debian-package": b"!<arch>\ndebian-binary   0           0     0     100644  4\n",
    "application/x-rpm": b"\xed\xab\xee\xdb\x03\0" + bytes(90),
    "application/x-iso9660-image": make.at(32_769, b"CD001"),
    "font/woff": b"wOFF\0\x01\0\0" + bytes(40),
    "font/woff2": b"wOF2\0\x01\0\0" + bytes(40),
    "font/ttf": b"\0\x01\0\0\0\x0a\0\x80\0\x03\0\x20GDEF" + bytes(60),
    "font/otf": b"OTTO\0\x0a\0\x80\0\x03\0\x20CFF " + bytes(60),
    "font/collection": b"ttcf\0\x01\0\0" + bytes(40),
    "application/vnd.ms-fontobject": make.at(34, b"LP", bytes(8) + b"\x01\0\x02\0"),
    "application/wasm": b"\0asm\x01\0\0\0",
    "application/vnd.sqlite3": b"SQLite format 3\0" + bytes(84),
    "application/vnd.apache.parquet": b"PAR1" + bytes(20) + b"PAR1",
    "application/vnd.microsoft.portable-executable": make.program(),
    "application/x-shockwave-flash": b"CWS\x0a" + bytes(40),
    "model/gltf-binary": b"glTF\x02\0\0\0" + bytes(12),
    "text/html": b"<!DOCTYPE html><title>x</title>",
    "application/xml": b'<?xml version="1.0"?><unheard-of/>',
    "application/xhtml+xml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
    "image/svg+xml": _SVG.encode(),
    "text/plain": b"text\n",
}

#: Recognised by the name alone, as far as the bytes allow it.
BY_NAME: dict[str, bytes] = {
    "image/x-portable-anymap": make.portable(6),
    "image/x-nikon-nef": make.tiff(make=b"NIKON CORPORATION"),
    "image/x-sony-arw": make.tiff(make=b"SONY"),
    "image/x-pentax-pef": make.tiff(make=b"PENTAX K-5"),
    "image/x-samsung-srw": make.tiff(make=b"SAMSUNG"),
    "video/matroska-3d": make.matroska(b"matroska", 1),
    "application/vnd.comicbook+zip": make.zipped({"1.jpg": b""}),
}

SAMPLES: dict[str, bytes] = {**BINARY, **BY_NAME}
