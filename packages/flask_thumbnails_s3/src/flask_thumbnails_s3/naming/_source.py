"""An image as templates and code pass it: a name, or a stored file."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from s3_saver import StoredFile

from ..exceptions import OptionError
from ._arguments import check_image
from ._options import Size


class Source(NamedTuple):
    """An image that somebody passes.

    :param name: below the folder of the originals; empty for none.
    :param storage_type: ``'s3'``, ``''`` for the disk, or ``None`` for what the settings say.
    :param bucket_name: ``None`` for what the settings say.
    :param store: the name of the ``Uploads`` that keeps it.
    :param size: width and height in pixels, if its row says so.
    :param focus: what a crop is to show where it names no place, such as ``'30%,40%'``.
    """

    name: str
    storage_type: str | None = None
    bucket_name: str | None = None
    store: str | None = None
    size: Size | None = None
    focus: str | None = None


def read_source(
    image: object, storage_type: str | None = None, bucket_name: str | None = None
) -> Source:
    """Return what is known of an image.

    :param image: its name, a StoredFile, or what is false, such as ``None``.
    :raises OptionError: it is something else, or a stored file comes with another location.
    """
    if not isinstance(image, StoredFile):
        return Source(check_image(image), storage_type, bucket_name)
    if storage_type is not None or bucket_name is not None:
        raise OptionError(
            f"image {image.name!r}: a StoredFile says where it is, so leave out storage_type and "
            "bucket_name"
        )
    metadata = image.metadata
    return Source(
        image.name,
        image.storage_type,
        image.bucket_name,
        image.store,
        _size(metadata),
        _focus(metadata),
    )


def _size(metadata: Mapping[str, Any]) -> Size | None:
    width, height = metadata.get("width"), metadata.get("height")
    if type(width) is int and type(height) is int and min(width, height) > 0:
        return width, height
    return None


def _focus(metadata: Mapping[str, Any]) -> str | None:
    """Return the focal point as ``crop`` takes it; ``None`` for what is none: rows may be old."""
    match metadata.get("focus"):
        case [int() | float() as x, int() | float() as y]:
            if all(math.isfinite(one) and 0 <= one <= 100 for one in (x, y)):
                return f"{round(float(x), 2):g}%,{round(float(y), 2):g}%"
    return None
