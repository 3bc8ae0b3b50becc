"""Encoding of pictures to files, and what each format can hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from ..exceptions import ArgumentError, MissingLibraryError, PictureTooLargeError
from ._palette import UNSEEN, with_palette
from ._pillow import Image, features
from ._structure import Size

#: The formats that can be written.
OUTPUTS = ("jpeg", "png", "webp", "avif", "gif")

#: About equal SSIM in all three: see benchmarks/README.md.
DEFAULT_QUALITY = {"jpeg": 85, "webp": 80, "avif": 70}

#: The formats that hold animations.
MOVING_OUTPUTS = ("png", "webp", "avif", "gif")

# Pixels of width or height: what libjpeg and libwebp write, what two bytes of a GIF can say, and
# what libavif, and so a browser, reads. PNG takes more than any size that can be asked for.
_LONGEST_SIDES = {"jpeg": 65500, "webp": 16383, "gif": 65535, "avif": 32768}

_OWN_FORMATS = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "GIF": "gif"}
_GRAY_ALPHA = ("png",)  # that take gray with alpha
_VP8X_FLAGS, _VP8X_ALPHA = 20, 0x10


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture that was made.

    :param data: the file.
    :param width: in pixels.
    :param height: in pixels.
    :param format: one of ``'jpeg'``, ``'png'``, ``'webp'``, ``'avif'`` and ``'gif'``.
    """

    data: bytes
    width: int
    height: int
    format: str


def own_format(format: str) -> str:
    """Return the format to write a picture in: its own if browsers show it, else
    ``'jpeg'``.

    :param format: as :class:`PictureInfo` has it.
    """
    return _OWN_FORMATS.get(format, "jpeg")


def check_output(format: str, quality: int | None) -> None:
    """
    :raises ArgumentError: *format* or *quality* is not a possible one.
    :raises MissingLibraryError: Pillow was built without this format.
    """
    if format not in OUTPUTS:
        raise ArgumentError("format", format, f"one of {', '.join(OUTPUTS)}")
    if quality is not None and (type(quality) is not int or not 1 <= quality <= 100):
        raise ArgumentError("quality", quality, "a whole number from 1 to 100 or None")
    if format in ("avif", "webp") and not features.check(format):
        raise MissingLibraryError(
            f"this Pillow cannot write {format}: install one that can, such as its wheels from "
            "version 11.3 on, or use another format"
        )


def check_sides(size: Size, format: str) -> None:
    """
    :raises PictureTooLargeError: a format cannot hold such a long side.
    """
    longest = _LONGEST_SIDES.get(format)
    if longest and max(size) > longest:
        raise PictureTooLargeError(
            f"This picture has too long a side; the limit is {longest:,} pixels.",
            reason=f"{size[0]}x{size[1]} is too long for {format}, which takes {longest} pixels a "
            "side: ask for less, or for another format",
            limit="max_side",
            value=max(size),
            maximum=longest,
        )


def encode(image: Image.Image, format: str, quality: int | None, *, few_colors: bool) -> bytes:
    """Write a still.

    :param few_colors: it is made from a picture with a palette.
    """
    options: dict[str, Any] = {}
    if format == "jpeg":
        options = {"optimize": True, "progressive": True}
    elif format == "png":
        image = with_palette(image, loss=UNSEEN if few_colors else 0)
    return _save(_writable(image, format), format, quality, options)


def encode_animation(
    frames: Sequence[Image.Image],
    durations: Sequence[int],
    format: str,
    quality: int | None,
    *,
    loop: int | None,
) -> bytes:
    """Write an animation.

    :param durations: of each frame, in milliseconds.
    :param loop: how often it plays, 0 for ever; ``None`` says nothing.
    """
    images = [_writable(frame, format) for frame in frames]
    if len({frame.mode for frame in images}) > 1:
        images = [frame.convert("RGBA") for frame in images]
    first, *rest = images
    options: dict[str, Any] = {"save_all": True, "append_images": rest, "duration": list(durations)}
    if format != "avif" and loop is not None:
        options["loop"] = loop
    if format == "gif":
        options["disposal"] = 2  # each frame replaces the one before, transparent parts too
    elif format == "webp":
        options["method"] = 4
    elif format == "avif":
        options["speed"] = 8
    data = _save(first, format, quality, options)
    if format == "webp" and first.mode == "RGBA" and data[12:16] == b"VP8X":
        # libwebp sets the flag only if the first frame is transparent.
        flags = data[_VP8X_FLAGS] | _VP8X_ALPHA
        data = data[:_VP8X_FLAGS] + bytes([flags]) + data[_VP8X_FLAGS + 1 :]
    return data


def _save(image: Image.Image, format: str, quality: int | None, options: dict[str, Any]) -> bytes:
    # Pillow copies some metadata, such as comments, from here into what it saves.
    for frame in (image, *options.get("append_images", ())):
        frame.info.clear()
    if format in DEFAULT_QUALITY:
        options = options | {"quality": quality or DEFAULT_QUALITY[format]}
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def _writable(image: Image.Image, format: str) -> Image.Image:
    if image.mode == "LA" and format not in _GRAY_ALPHA:
        return image.convert("RGBA")
    return image
