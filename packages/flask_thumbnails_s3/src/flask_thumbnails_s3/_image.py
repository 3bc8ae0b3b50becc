"""Bytes in, bytes out: the edge to Pillow."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple

from PIL import ExifTags, Image, UnidentifiedImageError, features

from ._color import flatten, to_web_mode
from ._geometry import Layout, Size, lay_out
from ._options import Spec
from .exceptions import (
    BrokenImageError,
    ConfigError,
    SourceError,
    TooLargeError,
)

# What people upload, and what Pillow knows without loading all its plugins first. Others that it
# knows start other programs (EPS) or are hardly tested.
_READABLE = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "AVIF", "TIFF", "JPEG2000")
_MOVING_SOURCES = ("GIF", "WEBP")
_STILL_OUTPUTS = ("jpeg",)

# Pixels of width or height: what libjpeg and libwebp write, what two bytes of a GIF can tell, and
# what libavif, and so a browser, reads. PNG takes more than any size that can be asked for.
_LONGEST_SIDES = {"jpeg": 65500, "webp": 16383, "gif": 65535, "avif": 32768}

# How many times larger than the thumbnail an image may be when the good, slow filter gets it;
# what is larger is first reduced by whole numbers. 2 is Pillow's own choice for thumbnails.
_GAP = 2.0

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)


class Rendered(NamedTuple):
    """A thumbnail: the file's content, and its width and height in pixels."""

    data: bytes
    size: Size


def render(data: bytes, spec: Spec, format: str, *, max_pixels: int) -> Rendered:
    """Make a thumbnail.

    :param data: the image's file.
    :param format: of the thumbnail, as :func:`output_format` gives it.
    :param max_pixels: how many an image may have, or its thumbnail, or all frames of an animation;
        of one that has more, the first is taken.
    :raises BrokenImageError: it is not an image, or only half of one.
    :raises TooLargeError: it, or its thumbnail, has more pixels than allowed, which its header
        tells: none of them has been decoded.
    """
    check_encoder(format)
    with _opened(BytesIO(data)) as image:
        return render_image(image, spec, format, max_pixels=max_pixels)


def render_image(image: Image.Image, spec: Spec, format: str, *, max_pixels: int) -> Rendered:
    """Make a thumbnail of an image that is open, but not decoded yet."""
    _check_pixels(image.size, max_pixels)
    orientation = _orientation(image)
    sideways = orientation in _SIDEWAYS
    seen = (image.height, image.width) if sideways else image.size
    layout = lay_out(seen, spec)
    _check_pixels(layout.canvas, max_pixels)
    _check_sides(layout.canvas, format)
    _draft(image, layout)
    work = _Work(layout, seen, orientation, spec.bg or ("white" if format == "jpeg" else None))
    if _moves(image, format, max_pixels):
        return _render_animation(image, work, format, spec.quality)
    still, profile = _transform(image, work)
    return Rendered(_encode(still, format, spec.quality, icc_profile=profile), still.size)


def read_size(file: BinaryIO) -> Size:
    """Give an image's width and height in pixels, from its header.

    :raises BrokenImageError: it is not an image.
    """
    with _opened(file) as image:
        return image.size


def check_encoder(format: str) -> None:
    """
    :raises ConfigError: Pillow was built without this format.
    """
    if format in ("avif", "webp") and not features.check(format):
        raise ConfigError(
            f"this Pillow cannot write {format}: install one that can, such as its wheels from "
            "version 11.3 on, or use another format"
        )


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Image.Image]:
    try:
        with Image.open(file, formats=_READABLE) as image:
            yield image
    except SourceError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLargeError(f"{error} See PIL.Image.MAX_IMAGE_PIXELS.") from error
    except Exception as error:  # broken files make Pillow's decoders raise nearly anything
        raise BrokenImageError(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "the file is not an image of a known format"
    return f"the file is broken: {str(error) or type(error).__name__}"


def _check_pixels(size: Size, max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise TooLargeError(
            f"{size[0]}x{size[1]} are more pixels than THUMBNAIL_MAX_PIXELS = {max_pixels} allows"
        )


def _check_sides(size: Size, format: str) -> None:
    longest = _LONGEST_SIDES.get(format)
    if longest and max(size) > longest:
        raise TooLargeError(
            f"a thumbnail of {size[0]}x{size[1]} is too long for {format}, which takes {longest} "
            "pixels a side: ask for less, or for another format"
        )


def _orientation(image: Image.Image) -> int:
    if image.format == "TIFF":
        return 1  # Pillow turns these itself
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - broken metadata is no reason to refuse a good image
        return 1


def _draft(image: Image.Image, layout: Layout) -> None:
    """Let the JPEG decoder give a half, a quarter or an eighth, if that is enough."""
    left, top, right, bottom = layout.box
    factor = _GAP * max(layout.size[0] / (right - left), layout.size[1] / (bottom - top))
    if factor < 1:
        image.draft(None, (max(1, int(image.width * factor)), max(1, int(image.height * factor))))


def _moves(image: Image.Image, format: str, max_pixels: int) -> bool:
    if image.format not in _MOVING_SOURCES or format in _STILL_OUTPUTS:
        return False
    frames: int = getattr(image, "n_frames", 1)
    return frames > 1 and frames * image.width * image.height <= max_pixels


class _Work(NamedTuple):
    """What is done to each frame.

    :param seen: the size that the layout was made for; a frame may be a draft of it.
    :param orientation: EXIF's, 1 to 8.
    :param bg: what is put behind it; ``None`` leaves it transparent.
    """

    layout: Layout
    seen: Size
    orientation: int
    bg: str | None


def _transform(image: Image.Image, work: _Work) -> tuple[Image.Image, bytes | None]:
    """Give the thumbnail of one frame, and its ICC profile."""
    image, profile = to_web_mode(image)
    if work.orientation in _TURNS:
        image = image.transpose(_TURNS[work.orientation])
    layout = work.layout
    x, y = image.width / work.seen[0], image.height / work.seen[1]
    left, top, right, bottom = layout.box
    image = image.resize(
        layout.size,
        Image.Resampling.BICUBIC,
        box=(left * x, top * y, right * x, bottom * y),
        reducing_gap=_GAP,
    )
    if work.bg:
        image = flatten(image, work.bg)
    if layout.canvas != layout.size:
        profile = profile if image.mode == "RGB" else None  # a gray one: the margins have colors
        image = _pad(image, layout.canvas, work.bg)
    return image, profile


def _pad(image: Image.Image, size: Size, color: str | None) -> Image.Image:
    canvas = Image.new("RGB", size, color)
    canvas.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas


def _render_animation(image: Image.Image, work: _Work, format: str, quality: int) -> Rendered:
    frames, durations = [], []
    options: dict[str, Any] = {}
    if format != "avif" and (loop := _loop(image, format)) is not None:
        options["loop"] = loop
    for number in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(number)
        image.load()
        frames.append(_transform(image, work)[0])
        durations.append(image.info.get("duration", 100))
    if len({frame.mode for frame in frames}) > 1:
        frames = [frame.convert("RGBA") for frame in frames]
    if format == "gif":
        options["disposal"] = 2  # each frame replaces the one before, transparent parts too
    first, *rest = frames
    data = _encode(
        first, format, quality, save_all=True, append_images=rest, duration=durations, **options
    )
    return Rendered(data, first.size)


def _loop(image: Image.Image, format: str) -> int | None:
    """Give how often an animation plays, 0 for ever; a GIF that plays once does not say it."""
    loop: int | None = image.info.get("loop", None if format == "gif" else 1)
    return loop


def _encode(image: Image.Image, format: str, quality: int, **options: Any) -> bytes:
    # Pillow copies some metadata, such as comments, from here into what it saves.
    for frame in (image, *options.get("append_images", ())):
        frame.info.clear()
    if options.get("icc_profile", "") is None:
        del options["icc_profile"]
    if format in ("jpeg", "webp", "avif"):
        options["quality"] = quality
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()
