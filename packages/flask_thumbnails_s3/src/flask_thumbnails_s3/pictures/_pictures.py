"""From a size and options to a file: what untrusted_files.pictures is asked, what it refuses."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from untrusted_files import (
    BrokenPictureError,
    MissingLibraryError,
    PictureError,
    PictureTooLargeError,
)
from untrusted_files.pictures import (
    FORMATS,
    Limits,
    Picture,
    Resize,
    open_picture,
    read_info,
    render,
)

from ..exceptions import BrokenImageError, ConfigError, TooLargeError
from ..naming._options import SMART, Size, Spec
from ._hooks import Hooks
from ._smart import LOOKED_AT, find_focus

# Pixels a side that are sooner made and written for a look than the image is decoded once more.
_MOST_LOOKED_AT = 1000

_NO_HOOKS = Hooks()

_PREVIEW = 24  # pixels of the longer side
_PREVIEW_QUALITY = 50


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


class Preview(NamedTuple):
    """A small picture of an original, for what stands in for its thumbnails.

    :param size: of the original, in pixels.
    :param url: of the small picture, which holds it itself.
    """

    size: Size
    url: str


class Original:
    """An image that thumbnails are made of. What is decoded is kept: ask for the largest first.

    :param data: the image's file.
    :param hooks: what processors the app has.
    :raises BrokenImageError: it is no image that is read here, or its header is damaged.
    :raises TooLargeError: its header takes too much to read.
    """

    def __init__(self, data: bytes, reading: Reading, hooks: Hooks = _NO_HOOKS) -> None:
        self._reading = reading
        self._hooks = hooks
        self._looked_at: Image.Image | None = None
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
            resize = resize_of(spec)
            if spec.crop == SMART:
                resize = replace(resize, focus=find_focus(self._small(spec.box), spec.box))
            if spec.processors:
                plain = self._picture.render(resize, "png").data
                data = self._hooks.process(plain, spec.processors)
                made = render(BytesIO(data), Resize(), format, quality=spec.quality)
            else:
                made = self._picture.render(resize, format, quality=spec.quality)
        return Rendered(made.data, (made.width, made.height))

    def preview(self) -> Preview:
        """Make the small picture of it that stands in for thumbnails to come."""
        with _translated(self._reading):
            info = self._picture.info
            format = "webp" if info.frames == 1 else "jpeg"  # which takes the first frame alone
            resize = Resize(width=_PREVIEW, height=_PREVIEW)
            data = self._picture.render(resize, format, quality=_PREVIEW_QUALITY).data
        url = f"data:image/{format};base64,{b64encode(data).decode()}"
        return Preview((info.width, info.height), url)

    def _small(self, box: Size) -> Image.Image:
        """Return the image as it is seen, small enough to be looked at.

        :param box: what it is to be cropped to: if the whole of a JPEG is made as large as that
            takes, what is decoded for it does for the crop, too.
        """
        if self._looked_at is None:
            info = self._picture.info
            factor = max(box[0] / info.width, box[1] / info.height)
            width, height = (max(1, round(side * factor)) for side in (info.width, info.height))
            if info.format != "JPEG" or max(width, height) > _MOST_LOOKED_AT:
                width = height = LOOKED_AT
            made = self._picture.render(Resize(width=width, height=height), "jpeg")
            image = Image.open(BytesIO(made.data))
            image.thumbnail((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX)
            self._looked_at = image
        return self._looked_at


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
