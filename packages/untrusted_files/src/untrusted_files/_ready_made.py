"""Rules for the usual kinds of uploads. ``PICTURES.replace(max_bytes=…)`` makes a variant."""

from ._rules import Rules

#: Pictures that every browser shows, and that decode, so that thumbnails can be made. 25 MB.
PICTURES = Rules(
    types=("image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"),
    is_picture=True,
    max_bytes=25_000_000,
)

_OPENXML = "application/vnd.openxmlformats-officedocument."
_OPENDOCUMENT = "application/vnd.oasis.opendocument."

#: PDF, the documents of Microsoft Office and LibreOffice, RTF, text and CSV. 50 MB.
DOCUMENTS = Rules(
    types=(
        "application/pdf",
        f"{_OPENXML}wordprocessingml.document",
        f"{_OPENXML}spreadsheetml.sheet",
        f"{_OPENXML}presentationml.presentation",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        f"{_OPENDOCUMENT}text",
        f"{_OPENDOCUMENT}spreadsheet",
        f"{_OPENDOCUMENT}presentation",
        "text/rtf",
        "text/plain",
        "text/csv",
    ),
    max_bytes=50_000_000,
)

#: Sound files of phones and programs, which browsers play. 200 MB.
AUDIO = Rules(
    types=(
        "audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/webm", "audio/wav",
        "audio/flac",
    ),
    max_bytes=200_000_000,
)  # fmt: skip

#: Videos of phones and programs. 2 GB.
VIDEO = Rules(
    types=(
        "video/mp4", "video/x-m4v", "video/quicktime", "video/webm", "video/ogg", "video/3gpp",
        "video/3gpp2", "video/matroska",
    ),
    max_bytes=2_000_000_000,
)  # fmt: skip

#: Text of every kind that runs no script in a browser, in UTF-8. 5 MB.
TEXT = Rules(
    types=("text/*", "application/json", "application/yaml"), utf8=True, max_bytes=5_000_000
)
