"""The options that only picture fields have, checked when they are made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from s3_saver import ArgumentError

from ..._flask_admin import thumbgen_filename

#: Formats that pictures may keep.
FORMATS = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")

#: Width and height in pixels; whether to crop to just these, or to fit within them.
Size = tuple[int, int, bool]


@dataclass(frozen=True, kw_only=True)
class PictureOptions:
    """What picture fields take; :class:`S3ImageUploadField` describes it.

    :raises s3_saver.ArgumentError: an option is wrong by itself.
    """

    max_size: Size | None = None
    thumbgen: Callable[[str], str] = thumbgen_filename
    thumbnail_size: Size | None = None
    max_pixels: int = 50_000_000
    formats: Sequence[str] = ("PNG", "WEBP", "AVIF", "GIF")

    def __post_init__(self) -> None:
        for option in ("max_size", "thumbnail_size"):
            if (size := getattr(self, option)) and not _is_size(size):
                rule = "(width, height, force), such as (200, 200, True), or None"
                raise ArgumentError(option, size, rule)
        if type(self.max_pixels) is not int or self.max_pixels < 1:
            raise ArgumentError("max_pixels", self.max_pixels, "a whole number from 1 up")
        if not callable(self.thumbgen):
            raise ArgumentError("thumbgen", self.thumbgen, "a function, or None")
        formats: Any = self.formats
        if isinstance(formats, str) or not set(formats) <= set(FORMATS):
            rule = f"some of {', '.join(FORMATS)}"
            raise ArgumentError("formats", formats, rule, ": others cannot be made smaller")


def _is_size(value: Any) -> bool:
    if not isinstance(value, tuple | list) or len(value) != 3:
        return False
    *sides, force = value
    return all(type(side) is int and side > 0 for side in sides) and force in (True, False)
