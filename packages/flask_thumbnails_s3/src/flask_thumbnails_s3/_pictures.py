"""From a size and options to a file: what untrusted_files.pictures is asked, what it refuses."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from untrusted_files import (
    BrokenPictureError,
    MissingLibraryError,
    PictureError,
    PictureTooLargeError,
)
from untrusted_files.pictures import FORMATS, Limits, Picture, Resize, open_picture, read_info

from ._options import Size, Spec
from .exceptions import BrokenImageError, ConfigError, TooLargeError


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Which images are read: what the settings say.

    :param max_pixels: ``THUMBNAIL_MAX_PIXELS``.
    :param max_decoded_pixels: ``THUMBNAIL_MAX_DECODED_PIXELS``.
    :param extra_formats: ``THUMBNAIL_EXTRA_FORMATS``.
    """

    max_pixels: int
    max_decoded_pixels: int
    extra_formats: tuple[str, ...] = ()

    @property
    def limits(self) -> Limits:
        """The limits of what is read; the smaller one holds for what the larger one allows."""
        decoded = min(self.max_pixels, self.max_decoded_pixels)
        return Limits(max_pixels=self.max_pixels, max_decoded_pixels=decoded)

    @property
    def formats(self) -> tuple[str, ...]:
        """Names that Pillow has for formats."""
        return (*FORMATS, *self.extra_formats)


class Rendered(NamedTuple):
    """A thumbnail: the file's content, and its width and height in pixels."""

    data: bytes
    size: Size


class Original:
    """An image that thumbnails are made of. What is decoded is kept: ask for the largest first.

    :param data: the image's file.
    :raises BrokenImageError: it is no image that is read here, or its header is damaged.
    :raises TooLargeError: its header takes too much to read.
    """

    def __init__(self, data: bytes, reading: Reading) -> None:
        self._reading = reading
        with _translated(reading):
            self._picture: Picture = open_picture(
                BytesIO(data), limits=reading.limits, formats=reading.formats
            )

    def render(self, spec: Spec, format: str) -> Rendered:
        """Make a thumbnail.

        :param format: as :func:`output_format` has it.
        :raises BrokenImageError: the image is damaged.
        :raises TooLargeError: it, or its thumbnail, goes over a limit.
        :raises ConfigError: Pillow was built without this format.
        """
        with _translated(self._reading):
            made = self._picture.render(resize_of(spec), format, quality=spec.quality)
        return Rendered(made.data, (made.width, made.height))


def unknown_formats(names: Iterable[str]) -> list[str]:
    """Return those names of formats that are not read here, and that Pillow does not know."""
    further = [name for name in names if name.upper() not in FORMATS]
    if further:
        Image.init()  # loads all plugins, which takes a while
    return [name for name in further if name.upper() not in Image.OPEN]


def resize_of(spec: Spec) -> Resize:
    """Return what is done to an image's size."""
    return Resize(
        width=spec.width,
        height=spec.height,
        crop=spec.crop is not None,
        focus=spec.focus,
        upscale=spec.upscale,
        background=spec.bg,
    )


def read_size(data: bytes) -> Size | None:
    """Return the width and height of a thumbnail, from its header; ``None`` if it is broken."""
    try:
        info = read_info(BytesIO(data))
    except PictureError:
        return None
    return info.width, info.height


@contextmanager
def _translated(reading: Reading) -> Iterator[None]:
    try:
        yield
    except PictureTooLargeError as error:
        raise TooLargeError(_explain(error, reading)) from error
    except BrokenPictureError as error:
        raise BrokenImageError(error.reason) from error
    except MissingLibraryError as error:
        raise ConfigError(str(error)) from error


def _explain(error: PictureTooLargeError, reading: Reading) -> str:
    """Return what is too large, and the setting that says so."""
    settings = {
        "THUMBNAIL_MAX_PIXELS": reading.max_pixels,
        "THUMBNAIL_MAX_DECODED_PIXELS": reading.max_decoded_pixels,
    }
    if error.limit == "max_pixels":
        setting = "THUMBNAIL_MAX_PIXELS"
    elif error.limit == "max_decoded_pixels":
        setting = min(settings, key=lambda name: settings[name])
    else:
        return error.reason
    most = settings[setting]
    message = f"{error.value:,} pixels are more than {setting} = {most} allows"
    if error.maximum < most:  # of JPEG 2000, whose decoder takes twice the memory
        message += f", which is {error.maximum:,} in this format"
    return message
