"""Content types by file name, the same on every machine."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mimetypes import MimeTypes

DEFAULT_CONTENT_TYPE = "application/octet-stream"

# Where the web and a system's mime.types disagree, what Python's own table lacks, and what it has
# learned or changed from 3.11 to 3.14, as it is there now. Most are from the media types registry
# of IANA; text/javascript by RFC 9239, fonts by RFC 8081. An APNG is a PNG
# (https://www.w3.org/TR/png-3/), and phones film in .3gp (RFC 3839).
_EXTENSIONS = {
    "application/atom+xml": "atom",
    "application/dicom": "dcm",
    "application/epub+zip": "epub",
    "application/geo+json": "geojson",
    "application/gml+xml": "gml",
    "application/gpx+xml": "gpx",
    "application/gzip": "gz",
    "application/java-archive": "ear jar war",
    "application/json": "json map",
    "application/ld+json": "jsonld",
    "application/manifest+json": "webmanifest",
    "application/mathml+xml": "mathml mml",
    "application/msword": "doc dot wiz",
    "application/oebps-package+xml": "opf",
    "application/ogg": "ogx",
    "application/pdf": "pdf",
    "application/postscript": "ai eps ps",
    "application/rss+xml": "rss",
    "application/smil+xml": "smi smil",
    "application/sql": "sql",
    "application/toml": "toml",
    "application/ttml+xml": "ttml",
    "application/vnd.android.package-archive": "apk",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.apple.mpegurl": "m3u m3u8",
    "application/vnd.comicbook+zip": "cbz",
    "application/vnd.google-earth.kml+xml": "kml",
    "application/vnd.google-earth.kmz": "kmz",
    "application/vnd.microsoft.portable-executable": "dll exe",
    "application/vnd.ms-cab-compressed": "cab",
    "application/vnd.ms-excel": "xla xlb xls xlt",
    "application/vnd.ms-excel.addin.macroEnabled.12": "xlam",
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12": "xlsb",
    "application/vnd.ms-excel.sheet.macroEnabled.12": "xlsm",
    "application/vnd.ms-excel.template.macroEnabled.12": "xltm",
    "application/vnd.ms-fontobject": "eot",
    "application/vnd.ms-htmlhelp": "chm",
    "application/vnd.ms-outlook": "msg",
    "application/vnd.ms-powerpoint": "pot ppa pps ppt pwz",
    "application/vnd.ms-powerpoint.presentation.macroEnabled.12": "pptm",
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.12": "ppsm",
    "application/vnd.ms-powerpoint.template.macroEnabled.12": "potm",
    "application/vnd.ms-visio.drawing": "vsdx",
    "application/vnd.ms-word.document.macroEnabled.12": "docm",
    "application/vnd.ms-word.template.macroEnabled.12": "dotm",
    "application/vnd.ms-xpsdocument": "xps",
    "application/vnd.oasis.opendocument.chart": "odc",
    "application/vnd.oasis.opendocument.formula": "odf",
    "application/vnd.oasis.opendocument.graphics": "odg",
    "application/vnd.oasis.opendocument.graphics-template": "otg",
    "application/vnd.oasis.opendocument.image": "odi",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.presentation-template": "otp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.spreadsheet-template": "ots",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.text-master": "odm",
    "application/vnd.oasis.opendocument.text-template": "ott",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow": "ppsx",
    "application/vnd.openxmlformats-officedocument.presentationml.template": "potx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template": "xltx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template": "dotx",
    "application/vnd.rar": "rar",
    "application/vnd.recordare.musicxml+xml": "musicxml",
    "application/vnd.sqlite3": "sqlite sqlite3",
    "application/vnd.visio": "vsd vst",
    "application/wasm": "wasm",
    "application/x-7z-compressed": "7z",
    "application/x-bibtex": "bib",
    "application/x-bzip2": "bz2",
    "application/x-cpio": "cpio",
    "application/x-csh": "csh",
    "application/x-debian-package": "deb",
    "application/x-httpd-php": "php",
    "application/x-iso9660-image": "iso",
    "application/x-latex": "latex",
    "application/x-lz4": "lz4",
    "application/x-lzip": "lz",
    "application/x-mobipocket-ebook": "azw azw3 mobi prc",
    "application/x-msi": "msi",
    "application/x-mspublisher": "pub",
    "application/x-ndjson": "jsonl ndjson",
    "application/x-rpm": "rpm",
    "application/x-sh": "sh",
    "application/x-shockwave-flash": "swf",
    "application/x-subrip": "srt",
    "application/x-tar": "tar",
    "application/x-tex": "tex",
    "application/x-xz": "xz",
    "application/xhtml+xml": "xht xhtm xhtml",
    "application/xliff+xml": "xlf xliff",
    "application/xml": "rdf wsdl xml xpdl xsd xsl",
    "application/xml-dtd": "dtd",
    "application/xslt+xml": "xslt",
    "application/xspf+xml": "xspf",
    "application/yaml": "yaml yml",
    "application/zip": "zip",
    "application/zstd": "zst",
    "audio/aac": "aac adts",
    "audio/ac3": "ac3",
    "audio/amr": "amr",
    "audio/amr-wb": "awb",
    "audio/basic": "au snd",
    "audio/flac": "flac",
    "audio/matroska": "mka",
    "audio/midi": "kar mid midi rmi",
    "audio/mp4": "m4a m4b m4p",
    "audio/mpeg": "mp2 mp3 mpga",
    "audio/ogg": "oga ogg opus spx",
    "audio/wav": "wav",
    "audio/webm": "weba",
    "audio/x-aiff": "aif aifc aiff",
    "audio/x-ape": "ape",
    "audio/x-caf": "caf",
    "audio/x-ms-wma": "wma",
    "audio/x-wavpack": "wv",
    "font/collection": "otc ttc",
    "font/otf": "otf",
    "font/ttf": "ttf",
    "font/woff": "woff",
    "font/woff2": "woff2",
    "image/avci": "avci",
    "image/avcs": "avcs",
    "image/avif": "avif avifs",
    "image/bmp": "bmp dib",
    "image/emf": "emf",
    "image/fits": "fit fits fts",
    "image/g3fax": "g3",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/heic-sequence": "heics",
    "image/heif": "heif hif",
    "image/heif-sequence": "heifs",
    "image/j2c": "j2c j2k jpc",
    "image/jp2": "jp2 jpg2",
    "image/jpeg": "jfif jpe jpeg jpg pjp pjpeg",
    "image/jph": "jph",
    "image/jpm": "jpgm jpm",
    "image/jpx": "jpf jpx",
    "image/jxl": "jxl",
    "image/png": "apng png",
    "image/qoi": "qoi",
    "image/svg+xml": "svg",
    "image/t38": "t38",
    "image/tiff": "tif tiff",
    "image/tiff-fx": "tfx",
    "image/vnd.adobe.photoshop": "psb psd",
    "image/vnd.djvu": "djv djvu",
    "image/vnd.dwg": "dwg",
    "image/vnd.microsoft.icon": "cur ico",
    "image/vnd.radiance": "hdr",
    "image/webp": "webp",
    "image/wmf": "wmf",
    "image/x-adobe-dng": "dng",
    "image/x-canon-cr2": "cr2",
    "image/x-canon-cr3": "cr3",
    "image/x-exr": "exr",
    "image/x-fuji-raf": "raf",
    "image/x-nikon-nef": "nef nrw",
    "image/x-olympus-orf": "orf",
    "image/x-panasonic-rw2": "rw2",
    "image/x-pentax-pef": "pef",
    "image/x-portable-anymap": "pnm",
    "image/x-portable-bitmap": "pbm",
    "image/x-portable-graymap": "pgm",
    "image/x-portable-pixmap": "ppm",
    "image/x-samsung-srw": "srw",
    "image/x-sony-arw": "arw",
    "image/x-xcf": "xcf",
    "message/rfc822": "eml mht mhtml nws",
    "model/gltf+json": "gltf",
    "model/gltf-binary": "glb",
    "model/stl": "stl",
    "model/vnd.collada+xml": "dae",
    "text/calendar": "ics ifb",
    "text/css": "css",
    "text/csv": "csv",
    "text/html": "htm html",
    "text/javascript": "js mjs",
    "text/markdown": "markdown md",
    "text/n3": "n3",
    "text/plain": "bat c cfg conf h ini ksh log pl text txt",
    "text/richtext": "rtx",
    "text/rtf": "rtf",
    "text/tab-separated-values": "tsv",
    "text/turtle": "ttl",
    "text/vcard": "vcard vcf",
    "text/vtt": "vtt",
    "text/x-diff": "diff patch",
    "text/x-python": "py",
    "text/x-rst": "rst",
    "text/x-setext": "etx",
    "text/x-sgml": "sgm sgml",
    "video/3gpp": "3gp 3gpp",
    "video/3gpp2": "3g2 3gpp2",
    "video/matroska": "mkv",
    "video/matroska-3d": "mk3d",
    "video/mj2": "mj2 mjp2",
    "video/mp2t": "m2t m2ts mts ts",
    "video/mp4": "f4v mp4 mpg4",
    "video/mpeg": "m1v m2v mpe mpeg mpg vob",
    "video/ogg": "ogv",
    "video/quicktime": "mov qt",
    "video/vnd.avi": "avi",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/x-m4v": "m4v",
    "video/x-ms-asf": "asf",
    "video/x-ms-wmv": "wmv",
}
_TYPES = {
    extension: content_type
    for content_type, extensions in _EXTENSIONS.items()
    for extension in extensions.split()
}

# A compressed file is typed by its wrapping, never by a guessed Content-Encoding: what was saved as
# backup.csv.gz must come back as backup.csv.gz, not silently unpacked by the browser.
_WRAPPINGS = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
}


def guess_content_type(name: str) -> str:
    """Return the content type that a save stores by default: ``'image/jpeg'`` for ``'cat.JPG'``.

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
