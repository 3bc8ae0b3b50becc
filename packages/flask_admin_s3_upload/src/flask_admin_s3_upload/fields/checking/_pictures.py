"""How pictures are stored: in which format, under which name, at which size."""

import os
from collections.abc import Sequence
from io import BytesIO

from s3_saver import guess_content_type
from untrusted_files import types_of_name
from untrusted_files.pictures import Picture, Resize

from ._picture_options import Size

_EXTENSIONS = {"PNG": "png", "WEBP": "webp", "AVIF": "avif", "GIF": "gif"}


def stored_as(filename: str, format: str, kept: Sequence[str]) -> tuple[str, str]:
    """Return the name and the format of a picture that is stored: JPEG, unless its own is kept.

    :param format: its own, as Pillow calls it.
    :param kept: formats that are kept.
    """
    if format == "JPEG" or format not in kept:
        return f"{os.path.splitext(filename)[0]}.jpg", "JPEG"
    if guess_content_type(filename) == f"image/{format.lower()}":
        return filename, format
    stem = os.path.splitext(filename)[0] if types_of_name(filename) else filename
    return f"{stem}.{_EXTENSIONS[format]}", format


def is_larger(picture: Picture, size: Size | None) -> bool:
    """Return whether a picture is to be made smaller."""
    if not size:
        return False
    return picture.info.width > size[0] or picture.info.height > size[1]


def shrink(picture: Picture, size: Size | None, format: str) -> BytesIO:
    """Make a file of a picture that is at most of this size, without metadata.

    :raises untrusted_files.PictureError: the picture is damaged, or takes too much.
    """
    resize = Resize()
    if size and is_larger(picture, size):
        width, height, force = size
        resize = Resize(width=width, height=height, crop=bool(force))
    return BytesIO(picture.render(resize, format.lower()).data)
