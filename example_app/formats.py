"""What counts as a picture: by its bytes, whatever its name or the browser say."""

from typing import IO

from flask import current_app as app

from untrusted_files import (
    PICTURES,
    UNKNOWN_TYPE,
    CheckedFile,
    Rules,
    extensions_of,
    name_for,
    sniff_content_type,
)
from untrusted_files.pictures import Limits

#: The extensions that pictures may have, without dots.
EXTENSIONS = tuple(extension for one in PICTURES.types for extension in extensions_of(one))


def rules() -> Rules:
    """Return what all forms take, by the settings; thumbnails take no less."""
    return PICTURES.replace(
        max_bytes=app.config["MAX_CONTENT_LENGTH"],
        limits=Limits(max_pixels=app.config["MAX_PICTURE_PIXELS"]),
    )


def check_picture(file: IO[bytes]) -> CheckedFile:
    """Check a picture of the app; its name comes back with the extension that belongs to it.

    :raises untrusted_files.RejectedError: it is not one, a broken one, or too large.
    """
    return rules().check(file, name_for(sniff_content_type(file) or UNKNOWN_TYPE, "picture"))
