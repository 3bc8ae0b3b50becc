"""Pictures: opened with limits, turned upright, resized, and written in the format of their name.

Sizes and formats come out as Flask-Admin's own field makes them.
"""

import os
from io import BytesIO
from typing import IO

from PIL import Image, ImageOps
from wtforms.validators import ValidationError

from ._flask_admin import gettext
from ._names import extension_of

#: Width and height in pixels; whether to crop to just these, or to fit within them.
Size = tuple[int, int, bool]


def open_image(file: IO[bytes], filename: str, max_pixels: int) -> Image.Image:
    """Open a picture and decode it, as the format that its extension says and as no other.

    :raises ValidationError: it is not one, or has more pixels.
    """
    refusal = gettext('"%(name)s" is not a valid image of its type.', name=filename)
    expected = Image.registered_extensions().get(f".{extension_of(filename)}")
    if expected is None:
        raise ValidationError(refusal)
    file.seek(0)
    try:
        image = Image.open(file, formats=[expected])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_too_many_pixels(filename, max_pixels)) from error
    except Exception as error:  # decoders raise whatever they like on broken files
        raise ValidationError(refusal) from error
    if image.width * image.height > max_pixels:  # known from the header, before any decoding
        raise ValidationError(_too_many_pixels(filename, max_pixels))
    try:
        image.load()
    except Exception as error:
        raise ValidationError(refusal) from error
    return image


def _too_many_pixels(filename: str, max_pixels: int) -> str:
    return gettext(
        '"%(name)s" has too many pixels. %(limit)s are allowed.',
        name=filename,
        limit=f"{max_pixels:,}",
    )


def choose_format(
    filename: str, image: Image.Image, keep_formats: tuple[str, ...]
) -> tuple[str, str]:
    """Give the name and the format to save a picture under: JPEG unless its own is kept."""
    if image.format in keep_formats:
        return filename, str(image.format)
    return f"{os.path.splitext(filename)[0]}.jpg", "JPEG"


def encode(image: Image.Image, format: str, size: Size | None = None) -> BytesIO:
    """Write a picture, upright and at most of that size. Metadata stays behind."""
    image = ImageOps.exif_transpose(image)
    if size:
        image = _resize(image, size)
    if format == "JPEG" and image.mode != "RGB":
        image = image.convert("RGB")
    elif image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA")
    out = BytesIO()
    image.save(out, format)
    out.seek(0)
    return out


def _resize(image: Image.Image, size: Size) -> Image.Image:
    width, height, force = size
    if image.width <= width and image.height <= height:
        return image
    if force:
        return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    image.thumbnail((width, height), Image.Resampling.LANCZOS)  # exif_transpose gave a copy
    return image
