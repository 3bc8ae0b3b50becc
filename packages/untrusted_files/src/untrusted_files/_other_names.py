"""Extensions under which files of a type are met, though they stand for another type. Only data.

With ``_table`` this makes the families: JPEG's names, HEIF, the ISO media files, and so on.
"""

_OPENXML = "application/vnd.openxmlformats-officedocument"
_ISO_FILMS = "mp4 m4v mov 3gp 3g2"
_HEIF = "heic heif hif heics heifs"

#: Further extensions under which files of a type are met, though they stand for another type.
OTHER_EXTENSIONS = {
    "image/jpeg": "mpo jps thm",
    **dict.fromkeys(
        ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"),
        f"{_HEIF} avci avcs",  # one container, ISO 23008-12
    ),
    **dict.fromkeys(("image/avci", "image/avcs"), _HEIF),
    "image/avif": _HEIF,
    **dict.fromkeys(("image/jp2", "image/jpx", "image/jpm"), "jp2 jpx jpf jpm"),
    "image/j2c": "jp2",
    "image/x-portable-bitmap": "pnm ppm",
    "image/x-portable-graymap": "pnm ppm",
    "image/x-portable-pixmap": "pnm",
    "image/x-adobe-dng": "tif tiff",
    "image/x-canon-cr2": "tif tiff",
    "image/vnd.microsoft.icon": "icon",
    # RFC 4337: .mp4 holds sound alone, too. RFC 3839 and 4393 likewise for .3gp and .3g2.
    "audio/mp4": "m4r aac mp4 m4v mov 3gp 3g2",
    **dict.fromkeys(("audio/3gpp", "audio/3gpp2"), "3gp 3gpp 3g2 3gpp2 m4a mp4 amr"),
    **dict.fromkeys(
        ("video/mp4", "video/x-m4v", "video/quicktime", "video/3gpp", "video/3gpp2"), _ISO_FILMS
    ),
    "audio/mpeg": "mpg mpeg mpa",
    "audio/aac": "m4a",
    "audio/webm": "webm mka mkv",
    "audio/matroska": "mkv",
    "video/webm": "mkv",
    "video/matroska": "mk3d",
    "video/matroska-3d": "mkv",
    "audio/flac": "fla",
    "audio/wav": "wave",
    "audio/ogg": "ogx",
    "video/ogg": "ogg ogx",
    "application/ogg": "ogg oga ogv",
    "audio/x-ms-wma": "asf",
    "video/x-ms-wmv": "asf",
    "video/x-ms-asf": "wmv wma",
    "video/mp2t": "mpg mpeg",
    "video/mpeg": "m2p ps mpv",
    "application/pdf": "ai",
    # LibreOffice names documents so that have no macros; never the other way round.
    f"{_OPENXML}.wordprocessingml.document": "docm",
    f"{_OPENXML}.spreadsheetml.sheet": "xlsm",
    f"{_OPENXML}.presentationml.presentation": "pptm ppsx",
    f"{_OPENXML}.presentationml.slideshow": "ppsm pptx",
    "text/rtf": "doc",  # Word itself saves them so
    "application/x-msi": "msp",
    "application/vnd.sqlite3": "db db3",
    "application/zip": "cbz",
    "font/ttf": "otf",  # OpenType allows both outlines under both names
    "font/otf": "ttf",
    "application/gzip": "taz emz wmz",
    "application/vnd.microsoft.portable-executable": "scr sys com",
    "application/vnd.rar": "cbr",
    "application/x-7z-compressed": "cb7",
    "text/html": "shtml shtm",
    # TypeScript has no type, and shares its name with films; translations and public keys likewise.
    "text/plain": "ts tsx mts cts pot pub",
}
